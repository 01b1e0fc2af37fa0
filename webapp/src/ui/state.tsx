// What a screen shows instead of its content: while it loads, when there is nothing, when it failed.
import type { ReactNode } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { useTranslator } from '../app/context.ts';
import { errorText } from '../i18n/error-text.ts';
import { Button } from './button.tsx';

export function Placeholder(props: {
  emoji: string;
  title: string;
  text?: string;
  children?: ReactNode;
  testId?: string;
}) {
  return (
    <div className="placeholder" data-testid={props.testId}>
      <div className="placeholder-emoji" aria-hidden="true">
        {props.emoji}
      </div>
      <h2>{props.title}</h2>
      {props.text && <p>{props.text}</p>}
      {props.children && <div className="placeholder-actions">{props.children}</div>}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  const translator = useTranslator();
  return (
    <Placeholder
      emoji="🛟"
      title={translator.t('error.title')}
      text={errorText(translator, error)}
      testId="failed"
    >
      <Button variant="secondary" icon="retry" onPress={onRetry}>
        {translator.t('common.retry')}
      </Button>
    </Placeholder>
  );
}

export function Skeleton({ lines = 3, kind = 'row' }: { lines?: number; kind?: 'row' | 'card' | 'text' }) {
  const { t } = useTranslator();
  return (
    <div className="skeleton" role="status" aria-label={t('common.loading')} data-testid="skeleton">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className={`skeleton-${kind}`}>
          {kind !== 'text' && <span className="skeleton-mark" />}
          <span className="skeleton-lines">
            <i />
            <i />
          </span>
        </div>
      ))}
    </div>
  );
}
