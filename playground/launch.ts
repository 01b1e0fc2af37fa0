// Opening the Mini App: which launch parameters it gets, depending on where it is opened from.
import { randomBytes } from 'node:crypto';
import { signInitData } from './init-data.ts';
import type { ChatRecord, Person } from './world/state.ts';

export interface LaunchOptions {
  /** From a `t.me/<bot>/<app>?startapp=` link; up to 512 of `A-Za-z0-9_-`. */
  startParam?: string;
  /** Seconds since 1970. @default now */
  authDate?: number;
  /** A `web_app` button's own address instead of the Mini App's. */
  url?: string;
  /** JSON of the colours, as Telegram passes it in the fragment. */
  theme?: Record<string, string>;
  platform?: string;
}

const VERSION = '9.1';

export function launch(
  { token, miniAppUrl }: { token: string; miniAppUrl: string },
  person: Person,
  chat: ChatRecord | undefined,
  options: LaunchOptions,
): { initData: string; url: string } {
  const { startParam, authDate = Math.floor(Date.now() / 1000), theme, platform = 'weba' } = options;
  if (startParam !== undefined && !/^[\w-]{0,512}$/u.test(startParam)) {
    throw new Error('A start parameter has up to 512 of A-Z, a-z, 0-9, _ and -');
  }
  // Links tell the chat they were opened in; buttons of private chats carry a query_id instead.
  const fromLink = startParam !== undefined || chat?.kind === 'group';
  const initData = signInitData(token, {
    user: person,
    authDate,
    ...(startParam ? { startParam } : {}),
    ...(fromLink
      ? { chatType: chat?.kind === 'group' ? chat.type : 'sender', chatInstance: instanceOf(chat, person) }
      : { queryId: `AA${randomBytes(15).toString('base64url')}` }),
  });
  const fragment = new URLSearchParams({
    tgWebAppData: initData,
    tgWebAppVersion: VERSION,
    tgWebAppPlatform: platform,
    ...(theme ? { tgWebAppThemeParams: JSON.stringify(theme) } : {}),
  });
  const url = new URL(options.url ?? miniAppUrl);
  if (startParam) url.searchParams.set('tgWebAppStartParam', startParam);
  url.hash = fragment.toString();
  return { initData, url: url.href };
}

function instanceOf(chat: ChatRecord | undefined, person: Person): string {
  return String(BigInt(Math.abs(chat?.id ?? person.id)) * 7_919n);
}
