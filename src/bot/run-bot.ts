// Puts the parts of the bot together: what receives, what handles, what answers and what sends.
import { Api, type ApiClientOptions, GrammyError } from 'grammy';
import type { Update, UserFromGetMe } from 'grammy/types';
import type { Config } from '#shared/config/load-config.ts';
import type { Database } from '#shared/database/database.ts';
import type { MembershipLookup } from '#shared/groups/group-service.ts';
import type { Language } from '#shared/language.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Metrics } from '#shared/observability/metrics.ts';
import type { Services } from '#shared/services.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';
import { AnswerDesk } from './answers/answer-desk.ts';
import type { AnswerTexts } from './answers/answer-texts.ts';
import { Inbox } from './inbox/inbox.ts';
import { Poller } from './inbox/poller.ts';
import { setUpReceiving, type WebhookHandler, webhookInto } from './inbox/webhook.ts';
import { Outbound } from './outbound/outbound.ts';

export interface BotDeps {
  config: Config;
  services: Services;
  db: Database;
  store: SessionStore;
  logger: Logger;
  metrics: Metrics;
  /** Is given the way to ask Telegram who is in a group. */
  useMembershipLookup: (lookup: MembershipLookup) => void;
  /** How a tool is called in the preview of an answer, with its emoji. */
  toolLabel(name: string, language: Language): string;
}

export interface RunningBot {
  username: string;
  /** For `POST /telegram/webhook`; undefined when the bot polls. */
  webhook?: WebhookHandler;
  /** Stops receiving, then gives what is under way at most `drainMs` to end. What does not is taken up later. */
  stop(drainMs: number): Promise<void>;
}

/** What the handlers are made from. */
export interface BotParts extends BotDeps {
  token: string;
  /** Of Telegram's getMe: with it, `new Bot(token, { botInfo, client })` needs no call. */
  botInfo: UserFromGetMe;
  client: ApiClientOptions;
  answers: AnswerDesk;
  /** Install its transformer on the bot's own `api`. */
  outbound: Outbound;
}

export interface CreatedBot {
  bot: { handleUpdate(update: Update): Promise<void> };
  /** Registers commands, starts to send notices. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface BotMakers {
  createBot(parts: BotParts): CreatedBot | Promise<CreatedBot>;
  answerTexts(language: Language): AnswerTexts;
}

const recoverEveryMs = 5_000;

/** @throws BotStartError when Telegram does not know the token or cannot be reached */
export async function runBot(deps: BotDeps, make: BotMakers): Promise<RunningBot> {
  const { config, services, db, store, logger, metrics } = deps;
  const token = config.BOT_TOKEN;
  if (token === undefined) throw new BotStartError('refused', 'BOT_TOKEN is needed to run the bot.');
  const botId = Number(token.split(':')[0]);
  const client: ApiClientOptions = { apiRoot: config.BOT_API_ROOT, timeoutSeconds: 60 };

  const outbound = new Outbound({
    store,
    botId,
    logger,
    metrics,
    onMigrated: async (from, to) => {
      await services.groups.migrate(from, to);
      await answers.migrated(from, to);
    },
    onDeadChat: async (chatId, description) => {
      if (chatId > 0 || !/kicked|not a member|not found|deleted/i.test(description)) return;
      const group = await services.groups.findByChat(chatId);
      if (group) await services.groups.setActive(group.id, false);
    },
  });
  const api = new Api(token, client);
  api.config.use(outbound.transformer);
  const answers = new AnswerDesk({
    api,
    outbound,
    db,
    runs: services.runs,
    logger,
    texts: (language) => make.answerTexts(language),
    toolLabel: (name, language) => deps.toolLabel(name, language),
  });

  const botInfo = await whoAmI(api, config.BOT_API_ROOT);
  const made = await make.createBot({ ...deps, token, botInfo, client, answers, outbound });
  const inbox = new Inbox({ db, logger, metrics });
  const poller = new Poller({ api, inbox, store, logger, botId });

  let recovery: NodeJS.Timeout | undefined;
  const recover = (alone: boolean) =>
    answers.recover({ alone }).catch((error: unknown) => {
      logger.warn({ error }, 'Looking for answers that are owed failed; trying again');
    });
  const stop = async (drainMs: number) => {
    const until = Date.now() + drainMs;
    const left = () => Math.max(0, until - Date.now());
    clearInterval(recovery);
    await poller.stop();
    await inbox.stop(left());
    await made.stop();
    await answers.drain(left());
    await outbound.close(Math.max(1_000, left()));
  };

  try {
    await setUpReceiving({ api, config, store, botId });
    // With a store in memory there is no other instance: what is held is held by this bot's own past.
    const alone = store.kind === 'memory';
    const handle = async (update: Update): Promise<void> => {
      const stopped = update.stopped_message_generation;
      // It has no sender, so no handler that asks who is speaking would see it.
      if (stopped) {
        const { chat, message_thread_id: topicId, draft_id: draftId } = stopped;
        await answers.stop({ chatId: chat.id, topicId, draftId });
      } else await made.bot.handleUpdate(update);
    };
    inbox.start(handle, { alone });
    await recover(alone);
    recovery = setInterval(() => void recover(false), recoverEveryMs);
    await made.start();
  } catch (error) {
    // Half a bot must not go on working beside the next attempt to start.
    await stop(0);
    throw error;
  }
  if (config.BOT_MODE === 'polling') poller.start();
  logger.info({ username: botInfo.username, mode: config.BOT_MODE }, 'The bot is running');

  return {
    username: botInfo.username,
    ...(config.BOT_MODE === 'webhook' && config.BOT_WEBHOOK_SECRET !== undefined
      ? { webhook: webhookInto(inbox, config.BOT_WEBHOOK_SECRET, logger) }
      : {}),
    stop,
  };
}

/** A reason not to start, for the person who starts it. */
export class BotStartError extends Error {
  override readonly name = 'BotStartError';
  /** `refused`: another attempt with the same settings fails as well. */
  readonly reason: 'refused' | 'unreachable';

  constructor(reason: BotStartError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

async function whoAmI(api: Api, apiRoot: string): Promise<UserFromGetMe> {
  try {
    return await api.getMe();
  } catch (error) {
    if (error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404)) {
      throw new BotStartError(
        'refused',
        'BOT_TOKEN is not accepted by Telegram. Copy it again from @BotFather, or take a new one there.',
      );
    }
    // Without a cause: errors of the HTTP client name the address, which holds the token.
    throw new BotStartError(
      'unreachable',
      `Telegram cannot be reached at ${apiRoot}. Check the network, and BOT_API_ROOT if it is set.`,
    );
  }
}
