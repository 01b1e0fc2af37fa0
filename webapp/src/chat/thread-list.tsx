import { useState } from 'react';
import type { ThreadView } from '../../../src/shared/contracts/threads.ts';
import { ApiError } from '../api/api-error.ts';
import { useResource } from '../api/use-resource.ts';
import { useApp, useChat, useSession, useTranslator } from '../app/context.ts';
import { errorText } from '../i18n/error-text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failed, Skeleton } from '../ui/state.tsx';

interface ThreadListProps {
  current: string | undefined;
  onOpen: (threadId: string | undefined) => void;
}

export function ThreadList({ current, onOpen }: ThreadListProps) {
  const { api, chat, toasts } = useApp();
  const translator = useTranslator();
  const { t } = translator;
  const session = useSession();
  const { threadsRevision } = useChat();
  const [pages, setPages] = useState(1);
  const [acting, setActing] = useState<{ thread: ThreadView; step: 'menu' | 'rename' | 'delete' }>();
  const signedIn = session.status === 'signed-in';
  const threads = useResource(
    signedIn ? `threads:${pages}` : '',
    async (signal) => {
      const all = await Promise.all(
        Array.from({ length: pages }, (_, page) => api.threads(page * 50, signal)),
      );
      const results = new Map(all.flatMap((page) => page.results).map((thread) => [thread.id, thread]));
      return { total: all[0]?.total ?? 0, results: [...results.values()] };
    },
    threadsRevision,
  );

  const rename = async (thread: ThreadView, title: string) => {
    setActing(undefined);
    try {
      chat.renamed(await api.renameThread(thread.id, title));
    } catch (error) {
      toasts.show(errorText(translator, ApiError.from(error)), 'error');
    }
  };
  const remove = async (thread: ThreadView) => {
    setActing(undefined);
    try {
      await api.removeThread(thread.id);
      chat.forget(thread.id);
      if (thread.id === current) onOpen(undefined);
    } catch (error) {
      toasts.show(errorText(translator, ApiError.from(error)), 'error');
    }
  };

  return (
    <div className="threads" data-testid="threads">
      <div className="threads-new">
        <Button
          variant="secondary"
          wide
          icon="compose"
          onPress={() => onOpen(undefined)}
          testId="new-chat-wide"
        >
          {t('chat.new')}
        </Button>
      </div>
      {!signedIn && <p className="threads-hint">{t('chat.guestThreads')}</p>}
      {signedIn && !threads.data && threads.loading && <Skeleton lines={6} kind="text" />}
      {threads.error && !threads.data && <Failed error={threads.error} onRetry={threads.reload} />}
      {threads.data?.results.length === 0 && <p className="threads-hint">{t('chat.noThreads')}</p>}
      <ul>
        {threads.data?.results.map((thread) => (
          <li key={thread.id} className={thread.id === current ? 'thread thread-current' : 'thread'}>
            <button
              type="button"
              className="thread-open"
              aria-current={thread.id === current ? 'page' : undefined}
              onClick={() => onOpen(thread.id)}
              data-testid="thread"
            >
              <span className="thread-title" dir="auto">
                {thread.title || t('chat.untitled')}
              </span>
              <span className="hint">
                {thread.active_run_id ? t('chat.thinking') : translator.when(thread.updated_at)}
              </span>
            </button>
            <IconButton
              icon="more"
              label={`${t('chat.more')}: ${thread.title || t('chat.untitled')}`}
              onPress={() => setActing({ thread, step: 'menu' })}
              className="thread-more"
            />
          </li>
        ))}
      </ul>
      {threads.data && threads.data.results.length < threads.data.total && (
        <Button variant="plain" wide onPress={() => setPages(pages + 1)} loading={threads.loading}>
          {t('common.more')}
        </Button>
      )}
      {acting?.step === 'menu' && (
        <Dialog
          title={acting.thread.title || t('chat.untitled')}
          kind="sheet"
          onClose={() => setActing(undefined)}
        >
          <div className="sheet-actions">
            <Button
              variant="plain"
              wide
              icon="pencil"
              onPress={() => setActing({ ...acting, step: 'rename' })}
            >
              {t('chat.rename')}
            </Button>
            <Button
              variant="danger"
              wide
              icon="trash"
              onPress={() => setActing({ ...acting, step: 'delete' })}
            >
              {t('chat.delete')}
            </Button>
          </div>
        </Dialog>
      )}
      {acting?.step === 'rename' && (
        <Rename
          title={acting.thread.title}
          onClose={() => setActing(undefined)}
          onRename={(title) => void rename(acting.thread, title)}
        />
      )}
      {acting?.step === 'delete' && (
        <Confirm
          title={t('chat.deleteTitle')}
          text={t('chat.deleteText')}
          yes={t('chat.delete')}
          no={t('common.cancel')}
          danger
          onYes={() => void remove(acting.thread)}
          onNo={() => setActing(undefined)}
        />
      )}
    </div>
  );
}

function Rename(props: { title: string; onClose: () => void; onRename: (title: string) => void }) {
  const { t } = useTranslator();
  const [title, setTitle] = useState(props.title);
  return (
    <Dialog title={t('chat.renameTitle')} onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() !== '') props.onRename(title.trim());
        }}
      >
        <input
          className="input"
          aria-label={t('chat.title')}
          value={title}
          maxLength={200}
          onChange={(event) => setTitle(event.target.value)}
          data-testid="rename-input"
        />
        <div className="dialog-actions">
          <Button variant="secondary" onPress={props.onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={title.trim() === ''}>
            {t('common.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
