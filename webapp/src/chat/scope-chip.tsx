import { useState } from 'react';
import type { KnowledgeBaseDetail } from '../../../src/shared/contracts/knowledge.ts';
import { useApp, useTranslator } from '../app/context.ts';
import { Icon } from '../ui/icon.tsx';
import type { Conversation } from './conversation.ts';
import { ScopePicker } from './scope-picker.tsx';

/** What a conversation is about. It can be chosen until the first message; then it stays. */
export function ScopeChip({
  conversation,
  scope,
}: {
  conversation: Conversation;
  /** The knowledge base, when it is one and known. */
  scope: KnowledgeBaseDetail | undefined;
}) {
  const { chat } = useApp();
  const { t } = useTranslator();
  const [choosing, setChoosing] = useState(false);
  const { key, kbIds } = conversation;
  const isOpen = conversation.threadId === undefined && conversation.messages.length === 0;
  const label =
    kbIds.length === 0
      ? t('chat.scopeAll')
      : scope && kbIds.length === 1
        ? t('chat.scope', { name: scope.name })
        : t('chat.scopeMany', { n: kbIds.length });
  const content = (
    <>
      <span aria-hidden="true">{kbIds.length === 0 ? '🌐' : (scope?.icon ?? '📚')}</span>
      <span>{label}</span>
    </>
  );
  if (!isOpen) {
    return kbIds.length === 0 ? null : (
      <span className="scope-chip" data-testid="scope-chip">
        {content}
      </span>
    );
  }
  return (
    <>
      <button
        type="button"
        className="scope-chip"
        aria-haspopup="dialog"
        onClick={() => setChoosing(true)}
        data-testid="scope-chip"
      >
        {content}
        <Icon name="down" size={14} />
      </button>
      {choosing && (
        <ScopePicker
          kbIds={kbIds}
          onClose={() => setChoosing(false)}
          onChoose={(chosen) => {
            setChoosing(false);
            chat.setScope(key, chosen);
          }}
        />
      )}
    </>
  );
}
