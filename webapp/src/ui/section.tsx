import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';

/** A titled group of rows, as in Telegram's own settings. */
export function Section({
  title,
  footer,
  children,
  testId,
}: {
  title?: string | undefined;
  footer?: ReactNode;
  children: ReactNode;
  testId?: string;
}) {
  return (
    <section className="section" data-testid={testId}>
      {title && <h2 className="section-title">{title}</h2>}
      <div className="section-body">{children}</div>
      {footer && <p className="section-footer">{footer}</p>}
    </section>
  );
}

interface RowProps {
  title: ReactNode;
  subtitle?: ReactNode;
  before?: ReactNode;
  after?: ReactNode;
  onPress?: (() => void) | undefined;
  chevron?: boolean;
  testId?: string;
  label?: string;
}

export function Row(props: RowProps) {
  const content = (
    <>
      {props.before && <span className="row-before">{props.before}</span>}
      <span className="row-main">
        <span className="row-title">{props.title}</span>
        {props.subtitle && <span className="row-subtitle">{props.subtitle}</span>}
      </span>
      {props.after !== undefined && <span className="row-after">{props.after}</span>}
      {props.chevron && (
        <span className="row-chevron">
          <Icon name="forward" size={16} />
        </span>
      )}
    </>
  );
  return props.onPress ? (
    <button
      type="button"
      className="row"
      onClick={props.onPress}
      data-testid={props.testId}
      aria-label={props.label}
    >
      {content}
    </button>
  ) : (
    <div className="row" data-testid={props.testId}>
      {content}
    </div>
  );
}

export function SwitchRow(props: {
  title: string;
  subtitle?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  testId?: string;
}) {
  return (
    <label className="row row-press">
      <span className="row-main">
        <span className="row-title">{props.title}</span>
        {props.subtitle && <span className="row-subtitle">{props.subtitle}</span>}
      </span>
      <input
        type="checkbox"
        role="switch"
        className="switch"
        checked={props.checked}
        onChange={(event) => props.onChange(event.target.checked)}
        data-testid={props.testId}
      />
    </label>
  );
}
