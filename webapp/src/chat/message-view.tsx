import { memo, useMemo, useState } from 'react';
import { useTranslator } from '../app/context.ts';
import { errorText } from '../i18n/error-text.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Markdown } from './markdown-view.tsx';
import type { ChatMessage, ToolStep } from './message.ts';
import { Sources } from './sources.tsx';

interface MessageProps {
  message: ChatMessage;
  /** Only the last answer can be asked again. */
  canRetry: boolean;
  onRetry: (messageKey: string) => void;
  onDecide: (runId: string, toolId: string, decision: 'approve' | 'reject') => void;
}

export const MessageItem = memo(function MessageItem(props: MessageProps) {
  return props.message.role === 'user' ? <Question {...props} /> : <Answer {...props} />;
});

function Question({ message, onRetry }: MessageProps) {
  const translator = useTranslator();
  const { t } = translator;
  return (
    <li className="message message-user" data-testid="message-user" data-status={message.status}>
      <span className="visually-hidden">{t('chat.you')}</span>
      <div className="bubble" dir="auto">
        {message.text}
      </div>
      {message.status === 'sending' && (
        <span className="message-state" role="status">
          <Icon name="clock" size={14} />
          {t('chat.sending')}
        </span>
      )}
      {message.status === 'unsent' && (
        <span className="message-state message-state-bad" role="alert">
          <span className="message-state-text">
            <Icon name="alert" size={14} />
            <span>
              {t('chat.unsent')} {message.problem && errorText(translator, message.problem)}
            </span>
          </span>
          <Button variant="plain" small onPress={() => onRetry(message.key)} testId="resend">
            {t('common.retry')}
          </Button>
        </span>
      )}
    </li>
  );
}

function Answer({ message, canRetry, onRetry, onDecide }: MessageProps) {
  const translator = useTranslator();
  const { t } = translator;
  const [open, setOpen] = useState(false);
  const [focus, setFocus] = useState<{ n: number; at: number }>();
  const cited = useMemo(() => new Set(message.sources.map((source) => source.n)), [message.sources]);
  const onCite = useMemo(
    () => (n: number) => {
      setOpen(true);
      setFocus((before) => ({ n, at: (before?.at ?? 0) + 1 }));
    },
    [],
  );
  const streaming = message.status === 'streaming';
  const ending =
    message.status === 'stopped'
      ? t('chat.stopped')
      : message.status === 'partial'
        ? t('chat.partial')
        : message.status === 'failed'
          ? t('chat.failed')
          : undefined;
  return (
    <li
      className={streaming ? 'message message-assistant streaming' : 'message message-assistant'}
      data-testid="message-assistant"
      data-status={message.status}
      aria-busy={streaming || undefined}
    >
      <span className="visually-hidden">{t('chat.assistant')}</span>
      {message.tools.length > 0 && (
        <ul className="tools">
          {message.tools.map((tool) => (
            <Tool
              key={tool.id}
              tool={tool}
              onDecide={(decision) => onDecide(message.runId ?? '', tool.id, decision)}
            />
          ))}
        </ul>
      )}
      {message.text !== '' && (
        <div dir="auto">
          <Markdown text={message.text} cited={cited} onCite={onCite} />
        </div>
      )}
      {streaming && message.text === '' && (
        <span className="thinking" role="status" aria-label={t('chat.thinking')}>
          <i />
          <i />
          <i />
        </span>
      )}
      {ending && (
        <div className="message-state" data-testid="message-ending">
          <span className="message-state-text">
            <Icon name={message.status === 'stopped' ? 'stop' : 'alert'} size={14} />
            <span>
              {ending} {message.problem && errorText(translator, message.problem)}
            </span>
          </span>
          {canRetry && (
            <Button
              variant="plain"
              small
              icon="retry"
              onPress={() => onRetry(message.key)}
              testId="ask-again"
            >
              {t('chat.askAgain')}
            </Button>
          )}
        </div>
      )}
      {message.sources.length > 0 && (
        <Sources sources={message.sources} open={open} onToggle={() => setOpen(!open)} focus={focus} />
      )}
    </li>
  );
}

function Tool({ tool, onDecide }: { tool: ToolStep; onDecide: (decision: 'approve' | 'reject') => void }) {
  const { t } = useTranslator();
  const name = tool.name.replaceAll('_', ' ');
  const state =
    tool.state === 'running'
      ? t('chat.toolRunning')
      : tool.state === 'done'
        ? t('chat.toolDone')
        : t('chat.toolFailed');
  if (tool.state === 'needs-approval') {
    return (
      <li className="tool-ask" role="alert">
        <span>
          {tool.emoji} {t('chat.wantsTool', { name })}
        </span>
        <Button small onPress={() => onDecide('approve')}>
          {t('chat.approve')}
        </Button>
        <Button small variant="secondary" onPress={() => onDecide('reject')}>
          {t('chat.reject')}
        </Button>
      </li>
    );
  }
  return (
    <li className={`tool tool-${tool.state}`} data-testid="tool" data-state={tool.state}>
      <span aria-hidden="true">{tool.emoji}</span>
      <span className="tool-name">{name}</span>
      <span className="visually-hidden">{state}</span>
      {tool.state === 'running' ? (
        <span className="spinner" aria-hidden="true" />
      ) : (
        <Icon name={tool.state === 'done' ? 'check' : 'close'} size={14} />
      )}
    </li>
  );
}
