// What Telegram shows of the bot before anybody writes: the menu of commands and the button beside the input field.
import type { Api } from 'grammy';
import { languages } from '#shared/language.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Command } from './commands/command.ts';
import type { Links } from './links.ts';
import { textsIn } from './locales/texts.ts';
import { attempt } from './outbound/outcome.ts';

/** A failure is only logged: the bot works without its menus, and sets them at the next start. */
export async function setMenus(
  api: Api,
  { commands, links, logger }: { commands: readonly Command[]; links: Links; logger: Logger },
): Promise<void> {
  const url = links.webApp();
  const calls: (() => Promise<true>)[] = [
    ...languages.flatMap((language) => {
      const { commands: descriptions } = textsIn(language);
      const menu = commands.map(({ name, inGroups }) => ({
        command: name,
        description: descriptions[name],
        inGroups,
      }));
      const inGroups = menu.filter((entry) => entry.inGroups);
      // English is also for everybody whose language we do not speak.
      const codes = language === 'en' ? [undefined] : [language];
      return codes.flatMap((code) => {
        const options = code === undefined ? {} : { language_code: code };
        return [
          () =>
            api.setMyCommands(menu.map(withoutScope), { scope: { type: 'all_private_chats' }, ...options }),
          () =>
            api.setMyCommands(inGroups.map(withoutScope), { scope: { type: 'all_group_chats' }, ...options }),
        ];
      });
    }),
    () =>
      api.setChatMenuButton({
        menu_button:
          url === undefined
            ? { type: 'commands' }
            : { type: 'web_app', text: textsIn('en').menuButton, web_app: { url } },
      }),
  ];
  for (const call of calls) {
    const { status } = await attempt(call);
    if (status !== 'ok') logger.warn({ status }, 'A menu of the bot could not be set');
  }
}

function withoutScope({ command, description }: { command: string; description: string }) {
  return { command, description };
}
