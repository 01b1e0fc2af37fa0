import type { KnowledgeBaseDetail } from '../../../src/shared/contracts/knowledge.ts';
import { useChat, useTranslator } from '../app/context.ts';

/** A conversation before its first message: who answers, and what one could ask. */
export function EmptyChat({
  scope,
  onPrompt,
}: {
  scope: KnowledgeBaseDetail | undefined;
  onPrompt: (text: string) => void;
}) {
  const { t } = useTranslator();
  const { ui } = useChat();
  const name = ui && !ui.userInfo.isGuest ? ui.userInfo.displayName : '';
  const prompts = scope ? [] : (ui?.quickPrompts ?? []);
  return (
    <div className="empty-chat" data-testid="empty-chat">
      <div className="empty-mark" aria-hidden="true">
        {scope ? (
          <span>{scope.icon}</span>
        ) : (
          <svg viewBox="0 0 64 64" width="64" height="64">
            <path d="M14 44h36v4H14zM16 41a16 16 0 0 1 32 0z" />
            <circle cx="32" cy="21" r="3.500" />
          </svg>
        )}
      </div>
      <h2>{scope ? scope.name : name ? t('chat.empty.named', { name }) : t('chat.empty.title')}</h2>
      <p>{scope ? t('chat.empty.scope', { name: scope.name }) : t('chat.empty.text')}</p>
      {prompts.length > 0 && (
        <ul className="prompts" aria-label={t('chat.prompts')}>
          {prompts.map((prompt) => (
            <li key={prompt.id}>
              <button
                type="button"
                onClick={() => onPrompt(prompt.text)}
                data-testid="quick-prompt"
                dir="auto"
              >
                {prompt.text}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
