import { useCallback } from 'react';
import type { KnowledgeBaseDetail } from '../../../src/shared/contracts/knowledge.ts';
import { ApiError } from '../api/api-error.ts';
import { useApp, useChat, useSession, useTranslator } from '../app/context.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Failed, Placeholder, Skeleton } from '../ui/state.tsx';
import { useFollowedEnd } from '../ui/use-followed-end.ts';
import { Composer } from './composer.tsx';
import type { Conversation } from './conversation.ts';
import { EmptyChat } from './empty-chat.tsx';
import { MessageItem } from './message-view.tsx';
import { ScopeChip } from './scope-chip.tsx';

export function ConversationView({
  conversation,
  scope,
}: {
  conversation: Conversation;
  scope: KnowledgeBaseDetail | undefined;
}) {
  const { chat, router, telegram, config } = useApp();
  const { t } = useTranslator();
  const { remaining, mode } = useChat();
  const session = useSession();
  const { key, messages } = conversation;
  const { box, end, atEnd, toEnd } = useFollowedEnd(messages);

  const send = useCallback((text: string) => chat.send(key, text), [chat, key]);
  const onRetry = useCallback((messageKey: string) => void chat.retry(key, messageKey), [chat, key]);
  const onDecide = useCallback(
    (runId: string, toolId: string, decision: 'approve' | 'reject') =>
      chat.decide(key, runId, toolId, decision),
    [chat, key],
  );

  if (conversation.phase === 'missing') {
    return (
      <div className="scroll">
        <Placeholder
          emoji="🫥"
          title={t('chat.missing.title')}
          text={t('chat.missing.text')}
          testId="chat-missing"
        >
          <Button onPress={() => router.replace({ screen: 'chat' })}>{t('chat.new')}</Button>
        </Placeholder>
      </div>
    );
  }
  const guestDone = mode === 'guest' && remaining === 0;
  const username = config()?.bot_username;
  const canContinue =
    session.status === 'signed-in' &&
    username &&
    conversation.threadId !== undefined &&
    conversation.runId === undefined;
  const scopeName = scope?.name;
  return (
    <>
      <div className="scroll chat-scroll" ref={box}>
        {conversation.phase === 'loading' && messages.length === 0 && (
          <div className="column">
            <Skeleton lines={4} kind="text" />
          </div>
        )}
        {conversation.phase === 'failed' && (
          <Failed error={ApiError.network(undefined)} onRetry={() => void chat.open(key)} />
        )}
        {conversation.phase === 'ready' && messages.length === 0 && (
          <EmptyChat scope={scope} onPrompt={(text) => send(text)} />
        )}
        {messages.length > 0 && (
          <div className="column">
            {conversation.earlier > 0 && (
              <Button variant="plain" wide onPress={() => chat.openEarlier(key).catch(() => undefined)}>
                {t('chat.earlier')}
              </Button>
            )}
            <div role="log" aria-label={t('chat.log')} aria-live="polite">
              <ol className="messages">
                {messages.map((message, index) => (
                  <MessageItem
                    key={message.key}
                    message={message}
                    canRetry={index === messages.length - 1 && conversation.runId === undefined}
                    onRetry={onRetry}
                    onDecide={onDecide}
                  />
                ))}
              </ol>
            </div>
            {canContinue && (
              <div className="continue">
                <Button
                  variant="plain"
                  small
                  icon="telegram"
                  onPress={() =>
                    telegram.open(`https://t.me/${username}?start=thread_${conversation.threadId}`)
                  }
                  testId="continue-in-telegram"
                >
                  {t('chat.telegram')}
                </Button>
              </div>
            )}
          </div>
        )}
        <div ref={end} className="end-of-messages" />
      </div>
      <div className="dock">
        {!atEnd && (
          <IconButton icon="arrowDown" label={t('chat.toBottom')} onPress={toEnd} className="to-end" />
        )}
        <div className="column">
          <div className="dock-facts">
            <ScopeChip conversation={conversation} scope={scope} />
            {mode === 'guest' && remaining !== undefined && (
              <span className="hint" data-testid="guest-remaining">
                {guestDone ? t('guest.none') : t('guest.remaining', { n: remaining })}
              </span>
            )}
          </div>
          <Composer
            placeholder={
              scopeName === undefined
                ? t('chat.placeholder')
                : t('chat.placeholderScope', { name: scopeName })
            }
            answering={conversation.runId !== undefined}
            stopping={conversation.stopping}
            sending={messages.some((message) => message.status === 'sending')}
            disabled={guestDone || conversation.phase === 'loading'}
            onSend={(text) => {
              toEnd();
              return send(text);
            }}
            onStop={() => chat.stop(key)}
          />
        </div>
      </div>
    </>
  );
}
