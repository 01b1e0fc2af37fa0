// The bot's handlers in their order. What comes first is what must not be swallowed by what comes after.
import { conversations } from '@grammyjs/conversations';
import { type ApiClientOptions, Bot } from 'grammy';
import type { UserFromGetMe } from 'grammy/types';
import type { Config } from '#shared/config/load-config.ts';
import type { Database } from '#shared/database/database.ts';
import type { MembershipLookup } from '#shared/groups/group-service.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { chatButtons, renameDialogue } from './commands/chats.ts';
import { createCommands, handleCommands, leaveDialogues } from './commands/commands.ts';
import { privateMessages } from './commands/private-messages.ts';
import { runButtons } from './commands/run.ts';
import { searchButtons, searchDialogue } from './commands/search.ts';
import { settingsButtons } from './commands/settings.ts';
import { questionButtons } from './commands/start.ts';
import { answerButtons } from './commands/stop.ts';
import { taskListButtons } from './commands/tasks.ts';
import { type BotContext, identify } from './context.ts';
import { errorBoundary } from './error-boundary.ts';
import { formDialogue, strayFormButtons } from './forms/form-dialogue.ts';
import { botMembership } from './groups/bot-membership.ts';
import { groupMessages } from './groups/group-messages.ts';
import { Memberships, membershipLookup } from './groups/membership.ts';
import { migrations } from './groups/migration.ts';
import type { Answers, HandlerDeps } from './handler-deps.ts';
import { createLinks, takesWebApp } from './links.ts';
import { setMenus } from './menus.ts';
import { NoticeSender } from './notices/notice-sender.ts';
import { taskButtons } from './notices/task-buttons.ts';
import type { Outbound } from './outbound/outbound.ts';
import { DialogueStorage } from './state/dialogue-storage.ts';
import { PrivateChats } from './state/private-chats.ts';

export interface CreateBotDeps {
  config: Pick<Config, 'PUBLIC_URL' | 'BOT_API_ROOT' | 'MINI_APP_NAME'>;
  services: HandlerDeps['services'];
  db: Database;
  logger: Logger;
  token: string;
  /** From `getMe`, asked before: a wrong token fails the start with a clear message. */
  botInfo: UserFromGetMe;
  /** @default only the root of the Bot API, from the configuration */
  client?: ApiClientOptions;
  answers: Answers;
  outbound: Outbound;
  /** Given to whoever asks who is in a group, such as `GroupService.useLookup`. */
  useMembershipLookup?: (lookup: MembershipLookup) => void;
  /** Milliseconds between looks for due notices. @default 15000 */
  lookEveryMs?: number;
}

export interface CreatedBot {
  /** Give updates to `bot.handleUpdate`, those of one chat one after the other; the same one twice is harmless. */
  bot: Bot<BotContext>;
  /** Sets the menus and begins to send notices. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Raised when a dialogue changes so that stored ones cannot be replayed; those are then forgotten. */
const dialogueVersion = 1;
const cleanEveryMs = 3600 * 1000;

export function createBot(deps: CreateBotDeps): CreatedBot {
  const { config, services, db, logger, token, botInfo, answers, outbound } = deps;
  const pacing = deps.lookEveryMs === undefined ? {} : { lookEveryMs: deps.lookEveryMs };
  const bot = new Bot<BotContext>(token, {
    botInfo,
    client: deps.client ?? { apiRoot: config.BOT_API_ROOT },
  });
  bot.api.config.use(outbound.transformer);

  deps.useMembershipLookup?.(membershipLookup(bot.api, services.people));

  const privateChats = new PrivateChats(db);
  const links = createLinks(config, botInfo.username);
  const handlers: HandlerDeps = { config, services, db, logger, answers, privateChats, links };
  const commands = createCommands(handlers);
  const memberships = new Memberships(services);
  const storage = new DialogueStorage(db);
  const rename = renameDialogue(handlers);
  const search = searchDialogue(handlers);

  bot.use(errorBoundary(logger));
  bot.use(migrations(handlers));
  bot.use(identify(handlers));
  bot.use(botMembership(handlers));
  bot.use(memberships.follow());
  bot.use(memberships.confirmActor());

  // From here on only messages and presses: everything else has no answer to wait for.
  const spoken = bot.on(['message', 'callback_query']);
  spoken.use(
    conversations<BotContext, never>({
      storage: { type: 'context', version: dialogueVersion, adapter: storage },
    }),
  );
  spoken.use(async (ctx, next) => {
    if (!storage.isRepeated(ctx)) await next();
  });
  spoken.use(leaveDialogues());
  spoken.use(formDialogue(handlers), rename.middleware, search.middleware);

  spoken.use(handleCommands(commands));
  spoken.use(
    taskButtons(handlers),
    taskListButtons(handlers),
    chatButtons(handlers, rename),
    searchButtons(handlers, search),
  );
  spoken.use(runButtons(), settingsButtons(handlers), questionButtons(handlers), answerButtons(handlers));
  spoken.use(strayFormButtons());
  spoken.on('callback_query', (ctx) => ctx.press.answer(ctx.t.buttons.old));
  spoken.use(privateMessages(handlers), groupMessages(handlers));

  const notices = new NoticeSender({
    api: bot.api,
    outbound,
    services,
    privateChats,
    links,
    logger,
    ...pacing,
  });
  let cleaning: NodeJS.Timeout | undefined;
  const clean = () =>
    storage
      .forgetOld()
      .catch((error: unknown) => logger.warn({ error }, 'Old dialogues could not be removed'));

  return {
    bot,
    async start() {
      if (!takesWebApp(config)) {
        logger.warn(
          'Buttons that open the Mini App are left out: Telegram takes only https addresses, and PUBLIC_URL is none',
        );
      }
      await setMenus(bot.api, { commands, links, logger });
      await clean();
      cleaning = setInterval(() => void clean(), cleanEveryMs);
      notices.start();
    },
    async stop() {
      clearInterval(cleaning);
      await notices.stop();
    },
  };
}
