import { useEffect, useState } from 'react';
import { useResource } from '../api/use-resource.ts';
import { useApp, useChat, useTranslator } from '../app/context.ts';
import { IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { BackButton } from '../ui/screen.tsx';
import { useWide } from '../ui/use-wide.ts';
import { draftKey } from './conversation.ts';
import { ConversationView } from './conversation-view.tsx';
import { ThreadList } from './thread-list.tsx';

/** One conversation; on a wide screen the list of all stands beside it, on a phone it is a drawer. */
export function ChatScreen({ threadId, kbId }: { threadId: string | undefined; kbId: string | undefined }) {
  const { chat, router, api } = useApp();
  const { t } = useTranslator();
  const wide = useWide();
  const { conversations, promoted } = useChat();
  const [drawer, setDrawer] = useState(false);
  const key = threadId ?? draftKey(kbId);
  // A draft that got its first answer is a thread now, with an address of its own.
  const ownId = threadId === undefined ? promoted[key] : undefined;

  useEffect(() => {
    if (ownId !== undefined) {
      router.replace({ screen: 'chat', threadId: ownId });
      chat.promotionSeen(key);
    } else if (threadId === undefined) chat.draft(kbId);
  }, [chat, router, key, ownId, threadId, kbId]);
  useEffect(() => {
    if (threadId !== undefined) void chat.open(threadId);
  }, [chat, threadId]);

  const conversation = conversations[ownId ?? key];
  const scopeId = conversation?.kbIds.length === 1 ? conversation.kbIds[0] : undefined;
  const scope = useResource(scopeId === undefined ? '' : `kb:${scopeId}`, (signal) =>
    api.knowledgeBase(scopeId ?? '', signal),
  );
  const open = (id: string | undefined) => {
    setDrawer(false);
    router.go(id === undefined ? { screen: 'chat' } : { screen: 'chat', threadId: id });
  };

  return (
    <div className="panes">
      {wide && (
        <aside className="pane" aria-label={t('chat.threads')}>
          <ThreadList current={threadId} onOpen={open} />
        </aside>
      )}
      <section className="screen" data-testid="screen-chat">
        <header className="bar">
          <div className="bar-row">
            {!wide && <BackButton />}
            {!wide && (
              <IconButton
                icon="menu"
                label={t('chat.showThreads')}
                expanded={drawer}
                onPress={() => setDrawer(true)}
                testId="show-threads"
              />
            )}
            <h1 className="bar-title" dir="auto">
              {conversation?.title || t('chat.new')}
            </h1>
            <div className="bar-actions">
              <IconButton
                icon="compose"
                label={t('chat.new')}
                onPress={() => open(undefined)}
                testId="new-chat"
              />
            </div>
          </div>
        </header>
        {conversation && (
          <ConversationView key={conversation.viewId} conversation={conversation} scope={scope.data} />
        )}
      </section>
      {drawer && (
        <Dialog
          title={t('chat.threads')}
          kind="drawer"
          onClose={() => setDrawer(false)}
          testId="threads-drawer"
        >
          <ThreadList current={threadId} onOpen={open} />
        </Dialog>
      )}
    </div>
  );
}
