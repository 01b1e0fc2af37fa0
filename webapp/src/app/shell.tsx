// The frame around the screens: tabs, banners, toast, and Telegram's back button. Screens other than the chat are
// fetched when they are first opened.
import {
  Component,
  lazy,
  type ReactNode,
  Suspense,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { ChatScreen } from '../chat/chat-screen.tsx';
import { parentOf, type Route, type Tab, tabOf } from '../router/route.ts';
import { Button } from '../ui/button.tsx';
import { GuestGate } from '../ui/guest-gate.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Placeholder, Skeleton } from '../ui/state.tsx';
import { useKeyboard } from '../ui/use-keyboard.ts';
import { useApp, useChat, useRoute, useSession, useTranslator } from './context.ts';

const CatalogScreen = lazy(async () => ({
  default: (await import('../catalog/catalog-screen.tsx')).CatalogScreen,
}));
const KbScreen = lazy(async () => ({ default: (await import('../catalog/kb-screen.tsx')).KbScreen }));
const TasksScreen = lazy(async () => ({ default: (await import('../tasks/tasks-screen.tsx')).TasksScreen }));
const TaskScreen = lazy(async () => ({ default: (await import('../tasks/task-screen.tsx')).TaskScreen }));
const WorkflowsScreen = lazy(async () => ({
  default: (await import('../workflows/workflows-screen.tsx')).WorkflowsScreen,
}));
const StartScreen = lazy(async () => ({
  default: (await import('../workflows/start-screen.tsx')).StartScreen,
}));
const GroupScreen = lazy(async () => ({ default: (await import('../group/group-screen.tsx')).GroupScreen }));
const ProfileScreen = lazy(async () => ({
  default: (await import('../profile/profile-screen.tsx')).ProfileScreen,
}));

const tabs: readonly { tab: Tab; icon: IconName; route: Route }[] = [
  { tab: 'chat', icon: 'chat', route: { screen: 'chat' } },
  { tab: 'catalog', icon: 'book', route: { screen: 'catalog' } },
  { tab: 'tasks', icon: 'tasks', route: { screen: 'tasks', list: 'inbox' } },
  { tab: 'profile', icon: 'person', route: { screen: 'profile' } },
];

export function Shell() {
  const route = useRoute();
  const session = useSession();
  const { t } = useTranslator();
  const { session: auth } = useApp();
  const typing = useKeyboard();
  useBackButton(route);
  useTaskNews();
  useServerLanguage();
  if (session.status === 'unreachable') {
    return (
      <div className="app">
        <main className="main">
          <Placeholder
            emoji="📡"
            title={t('start.unreachable.title')}
            text={t('start.unreachable.text')}
            testId="unreachable"
          >
            <Button icon="retry" onPress={() => void auth.start()}>
              {t('common.retry')}
            </Button>
          </Placeholder>
        </main>
      </div>
    );
  }
  // A detail has the whole height on a phone: its own action takes the place of the tabs.
  const isDetail = route.screen !== 'chat' && parentOf(route) !== undefined;
  const classes = ['app', isDetail && 'app-detail', typing && 'app-typing'];
  return (
    <div className={classes.filter(Boolean).join(' ')}>
      <Tabs route={route} />
      <main className="main">
        <Banner />
        <Guard key={route.screen}>
          <Suspense fallback={<ScreenSkeleton />}>
            <ScreenOf route={route} />
          </Suspense>
        </Guard>
      </main>
      <ToastView />
    </div>
  );
}

function ScreenOf({ route }: { route: Route }) {
  const { t } = useTranslator();
  const { router } = useApp();
  switch (route.screen) {
    case 'chat':
      return <ChatScreen threadId={route.threadId} kbId={route.kbId} />;
    case 'catalog':
      return <CatalogScreen />;
    case 'kb':
      return <KbScreen key={route.id} id={route.id} />;
    case 'profile':
      return (
        <GuestGate title={t('profile.title')} text={t('guest.profile')} testId="screen-profile">
          <ProfileScreen />
        </GuestGate>
      );
    case 'missing':
      return (
        <Placeholder emoji="🧭" title={t('missing.title')} text={t('missing.text')} testId="screen-missing">
          <Button onPress={() => router.replace({ screen: 'chat' })}>{t('missing.action')}</Button>
        </Placeholder>
      );
    default:
      return (
        <GuestGate title={t('tasks.title')} text={t('guest.tasks')} testId="screen-tasks">
          <WorkScreen route={route} />
        </GuestGate>
      );
  }
}

function WorkScreen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'tasks':
      return <TasksScreen list={route.list} />;
    case 'task':
      return <TaskScreen key={route.id} id={route.id} />;
    case 'workflows':
      return <WorkflowsScreen groupId={route.groupId} />;
    case 'workflow':
      return <StartScreen key={route.key} workflowKey={route.key} groupId={route.groupId} />;
    case 'group':
      return <GroupScreen key={route.id} id={route.id} />;
    default:
      return null;
  }
}

function Tabs({ route }: { route: Route }) {
  const { router, telegram } = useApp();
  const { t } = useTranslator();
  const { ui } = useChat();
  const current = tabOf(route);
  const openTasks = ui?.metadata.taskCount ?? 0;
  // Coming back to the chat leads to the conversation that was left; a second press to a new one.
  const lastChat = useRef<Route>({ screen: 'chat' });
  useEffect(() => {
    if (route.screen === 'chat') lastChat.current = route;
  }, [route]);
  return (
    <nav className="tabs" aria-label={t('nav.main')}>
      {tabs.map(({ tab, icon, route: target }) => (
        <button
          key={tab}
          type="button"
          aria-current={tab === current ? 'page' : undefined}
          onClick={() => {
            telegram.haptic('select');
            router.go(tab === 'chat' && current !== 'chat' ? lastChat.current : target);
          }}
          data-testid={`tab-${tab}`}
        >
          <span className="tab-icon">
            <Icon name={icon} />
            {tab === 'tasks' && openTasks > 0 && (
              <span className="badge">{openTasks > 99 ? '99+' : openTasks}</span>
            )}
          </span>
          <span>{t(`tab.${tab}`)}</span>
        </button>
      ))}
    </nav>
  );
}

/** Says that the line is down, once it has been so for longer than a hiccup. */
function Banner() {
  const { line } = useChat();
  const { chat } = useApp();
  const { t } = useTranslator();
  const down = line === 'offline' || line === 'denied' || line === 'connecting';
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!down) return;
    const timer = setTimeout(() => setLate(true), 1500);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [down]);
  if (!down || !late) return null;
  return (
    <div className="banner" role="status" data-testid="offline">
      <span className="spinner" aria-hidden="true" />
      <span>{t(line === 'denied' ? 'line.denied' : 'line.offline')}</span>
      <button type="button" onClick={() => chat.reconnect()}>
        {t('common.retry')}
      </button>
    </div>
  );
}

function ToastView() {
  const { toasts } = useApp();
  const toast = useSyncExternalStore(toasts.subscribe, toasts.current);
  return (
    <div className="toasts" aria-live="polite">
      {toast && (
        <button
          key={toast.id}
          type="button"
          className={`toast toast-${toast.kind}`}
          onClick={() => {
            toasts.dismiss();
            toast.onPress?.();
          }}
          data-testid="toast"
        >
          {toast.text}
        </button>
      )}
    </div>
  );
}

function ScreenSkeleton() {
  return (
    <section className="screen">
      <header className="bar">
        <div className="bar-row" />
      </header>
      <div className="scroll">
        <div className="column">
          <Skeleton lines={5} />
        </div>
      </div>
    </section>
  );
}

function useBackButton(route: Route): void {
  const { telegram, router, back } = useApp();
  const handlers = useSyncExternalStore(back.subscribe, back.handlers);
  const over = handlers.at(-1);
  const shown = over !== undefined || parentOf(route) !== undefined;
  useEffect(() => {
    telegram.setBackButton(shown ? () => (over ? over() : router.back()) : undefined);
  }, [telegram, router, over, shown]);
}

/** The person may have chosen the language elsewhere, in the bot for example. */
function useServerLanguage(): void {
  const { language } = useApp();
  const { ui } = useChat();
  useEffect(() => {
    if (ui && !ui.userInfo.isGuest) language.set(ui.userInfo.language);
  }, [ui, language]);
}

function useTaskNews(): void {
  const { toasts, router, chat } = useApp();
  const { t } = useTranslator();
  const { lastTask, notice } = useChat();
  useEffect(() => {
    if (lastTask?.event !== 'created') return;
    const { id, name } = lastTask.task;
    toasts.show(t('tasks.new', { name }), 'info', () => router.go({ screen: 'task', id }));
  }, [lastTask, router, t, toasts]);
  useEffect(() => {
    if (!notice) return;
    toasts.show(notice.message, 'error');
    chat.dismissNotice();
  }, [notice, toasts, chat]);
}

/** A screen that breaks leaves the tabs standing. */
class Guard extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useTranslator();
  return (
    <Placeholder emoji="🩹" title={t('error.crash')} testId="broken">
      <Button icon="retry" onPress={() => location.reload()}>
        {t('error.reload')}
      </Button>
    </Placeholder>
  );
}
