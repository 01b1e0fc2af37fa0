import { createContext, use, useSyncExternalStore } from 'react';
import type { Api, AppConfig } from '../api/api.ts';
import type { ResourceCache } from '../api/resource-cache.ts';
import type { Session, SessionState } from '../api/session.ts';
import type { ChatSnapshot, ChatStore } from '../chat/chat-store.ts';
import type { LanguageStore } from '../i18n/language-store.ts';
import type { Translator } from '../i18n/translate.ts';
import type { Route } from '../router/route.ts';
import type { Router } from '../router/router.ts';
import type { Telegram } from '../telegram/telegram.ts';
import type { BackStack } from './back-stack.ts';
import type { Toasts } from './toasts.ts';

/** What every screen may use. Built once in main.tsx. */
export interface App {
  telegram: Telegram;
  session: Session;
  api: Api;
  cache: ResourceCache;
  chat: ChatStore;
  router: Router;
  language: LanguageStore;
  toasts: Toasts;
  back: BackStack;
  /** Undefined until the server told it. */
  config: () => AppConfig | undefined;
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = use(AppContext);
  if (!app) throw new Error('A screen was drawn outside AppContext.');
  return app;
}

export function useTranslator(): Translator {
  const { language } = useApp();
  return useSyncExternalStore(language.subscribe, language.translator);
}

export function useRoute(): Route {
  const { router } = useApp();
  return useSyncExternalStore(router.subscribe, router.route);
}

export function useSession(): SessionState {
  const { session } = useApp();
  return useSyncExternalStore(session.subscribe, session.state);
}

export function useChat(): ChatSnapshot {
  const { chat } = useApp();
  return useSyncExternalStore(chat.subscribe, chat.snapshot);
}
