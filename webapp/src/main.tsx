import { createRoot } from 'react-dom/client';
import { type AppConfig, createApi } from './api/api.ts';
import { createHttp } from './api/http.ts';
import { ResourceCache } from './api/resource-cache.ts';
import { Session } from './api/session.ts';
import { BackStack } from './app/back-stack.ts';
import { AppContext } from './app/context.ts';
import { Shell } from './app/shell.tsx';
import { Toasts } from './app/toasts.ts';
import { ChatStore } from './chat/chat-store.ts';
import { ChatSocket } from './chat/socket.ts';
import { LanguageStore } from './i18n/language-store.ts';
import { newId } from './new-id.ts';
import { parseRoute, routeOfStartParam } from './router/route.ts';
import { Router } from './router/router.ts';
import './styles/theme.css';
import './styles/base.css';
import './styles/kit.css';
import './styles/chat.css';
import './styles/screens.css';
import { startTelegram } from './telegram/telegram.ts';

const telegram = startTelegram();
const language = new LanguageStore(telegram.languageTag);
const http = createHttp({ language: () => language.translator().language });
const session = new Session({ http, initData: telegram.initData });
const api = createApi(http, session);
const chat = new ChatStore({
  socket: new ChatSocket({
    url: () => `${location.origin.replace(/^http/, 'ws')}/ws/chat`,
    token: () => session.token(),
    refuseToken: (token) => session.refuse(token),
  }),
  api,
  newId,
});

const cache = new ResourceCache();
const router = new Router(window);
// A start parameter counts only where the app was opened, so that a reload stays where the person went.
const isEntry = parseRoute(location.pathname).screen === 'chat' && !location.pathname.includes('/chat');
const target = isEntry && telegram.startParam ? routeOfStartParam(telegram.startParam) : undefined;
router.replace(target ?? router.route());

let config: AppConfig | undefined;
const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root.');
const root = createRoot(container);
const app = {
  telegram,
  session,
  api,
  cache,
  chat,
  router,
  language,
  toasts: new Toasts(),
  back: new BackStack(),
};

function draw(): void {
  root.render(
    <AppContext value={{ ...app, config: () => config }}>
      <Shell />
    </AppContext>,
  );
}

draw();
// The chat connects as soon as it has a token, and waits for one by itself.
chat.connect();
void session.start();
void learnConfig();

async function learnConfig(): Promise<void> {
  try {
    config = await api.config();
    draw();
  } catch {
    // Without the bot's name there are no links to it; all else works.
  }
}

session.subscribe(() => {
  if (session.state().status !== 'unreachable') chat.reconnect();
});
// What the server says is in the language of the one who asked.
language.subscribe(() => cache.clear());
window.addEventListener('online', () => chat.reconnect());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') chat.probe();
});
