import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

interface ButtonProps {
  children: ReactNode;
  onPress?: () => void;
  variant?: 'primary' | 'secondary' | 'danger' | 'plain';
  icon?: IconName;
  disabled?: boolean;
  loading?: boolean;
  /** Takes the whole width. */
  wide?: boolean;
  small?: boolean;
  type?: 'button' | 'submit';
  testId?: string;
}

export function Button({ variant = 'primary', type = 'button', ...props }: ButtonProps) {
  const classes = ['button', `button-${variant}`, props.wide && 'button-wide', props.small && 'button-small'];
  return (
    <button
      type={type}
      className={classes.filter(Boolean).join(' ')}
      disabled={props.disabled || props.loading}
      aria-busy={props.loading || undefined}
      onClick={props.onPress}
      data-testid={props.testId}
    >
      {props.loading ? <Spinner /> : props.icon && <Icon name={props.icon} size={props.small ? 18 : 20} />}
      <span>{props.children}</span>
    </button>
  );
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  onPress: () => void;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  testId?: string;
  className?: string;
  /** Leaves the focus where it is: a phone's keyboard stays open. */
  keepFocus?: boolean;
}

export function IconButton(props: IconButtonProps) {
  return (
    <button
      type="button"
      className={`icon-button ${props.className ?? ''}`}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      disabled={props.disabled}
      onMouseDown={props.keepFocus ? (event) => event.preventDefault() : undefined}
      onClick={props.onPress}
      data-testid={props.testId}
    >
      <Icon name={props.icon} />
    </button>
  );
}

export function Spinner() {
  return <span className="spinner" aria-hidden="true" />;
}
