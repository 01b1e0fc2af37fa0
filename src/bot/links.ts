// Addresses that lead into the bot and the Mini App.
import type { Config } from '#shared/config/load-config.ts';

export interface Links {
  /** Address for a `web_app` button; undefined when Telegram would refuse it. Private chats only. */
  webApp(path?: string): string | undefined;
  /** Opens the private chat with the bot; `payload` has up to 64 of A-Z, a-z, 0-9, _ and -. */
  privateChat(payload: string): string;
  /** Opens a task from anywhere: in the Mini App when it has a name, else in the private chat. */
  task(taskId: string): string;
}

type Addresses = Pick<Config, 'PUBLIC_URL' | 'BOT_API_ROOT' | 'MINI_APP_NAME'>;

export function createLinks(config: Addresses, botUsername: string): Links {
  const withApp = takesWebApp(config);
  const privateChat = (payload: string) => `https://t.me/${botUsername}?start=${payload}`;
  return {
    webApp: (path = '') => (withApp ? `${config.PUBLIC_URL}/app/${path}` : undefined),
    privateChat,
    task: (taskId) =>
      config.MINI_APP_NAME === undefined
        ? privateChat(`task_${taskId}`)
        : `https://t.me/${botUsername}/${config.MINI_APP_NAME}?startapp=task_${taskId}`,
  };
}

/** Telegram itself takes only https addresses for Mini Apps; a local Bot API server may take others. */
export function takesWebApp(config: Addresses): boolean {
  return config.PUBLIC_URL.startsWith('https://') || config.BOT_API_ROOT !== 'https://api.telegram.org';
}
