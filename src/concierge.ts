// The composition root: configuration → shared services → bot and API. Nothing else constructs services.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { BotSupervisor } from './bot/bot-supervisor.ts';
import { startBot } from './bot/start-bot.ts';
import { entities } from './entities.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createApi } from './miniapp-api/api.ts';
import type { WebhookHandler } from './miniapp-api/webhook.ts';
import { AgentRegistry } from './shared/agents/agent-registry.ts';
import { LanguageModelAgent } from './shared/agents/model/language-model-agent.ts';
import { OfflineAssistant } from './shared/agents/offline/offline-assistant.ts';
import { keptSecret } from './shared/config/kept-secret.ts';
import type { Config } from './shared/config/load-config.ts';
import { RunLog } from './shared/conversations/run-log.ts';
import { RunService } from './shared/conversations/run-service.ts';
import { ThreadService } from './shared/conversations/thread-service.ts';
import { type Database, openDatabase } from './shared/database/database.ts';
import { migrations } from './shared/database/migrations/index.ts';
import { AppError } from './shared/errors.ts';
import { GroupService, type MembershipLookup } from './shared/groups/group-service.ts';
import { GuestService } from './shared/identity/guest-service.ts';
import { PeopleService } from './shared/identity/people-service.ts';
import { TokenService } from './shared/identity/token-service.ts';
import { CatalogService } from './shared/knowledge/catalog-service.ts';
import { KnowledgeSearchService } from './shared/knowledge/knowledge-search-service.ts';
import { KnowledgeWriter } from './shared/knowledge/knowledge-writer.ts';
import { SearchStatistics } from './shared/knowledge/search-statistics.ts';
import { ModelRegistry, type ModelsConfig } from './shared/models/model-registry.ts';
import { NoticeBoard } from './shared/notifications/notice-board.ts';
import { TaskFeed } from './shared/notifications/task-feed.ts';
import { createLogger, type Logger } from './shared/observability/logger.ts';
import { createMetrics, type Metrics } from './shared/observability/metrics.ts';
import type { Services } from './shared/services.ts';
import { openSessionStore } from './shared/session-store/open-session-store.ts';
import type { SessionStore } from './shared/session-store/session-store.ts';
import { calculator } from './shared/tools/calculator/calculator.ts';
import { searchKnowledgeBase } from './shared/tools/search-knowledge-base.ts';
import { timeTool } from './shared/tools/time/time.ts';
import { ToolRegistry } from './shared/tools/tool-registry.ts';
import { WorkflowService } from './shared/workflows/workflow-service.ts';

/** Milliseconds that a shutdown gives to what is under way. */
const drainMs = 20_000;
const hour = 3600 * 1000;

export interface ConciergeOptions {
  /** Asked first for every HTTP request; true means that it was answered. The playground is mounted here. */
  extra?: (req: IncomingMessage, res: ServerResponse) => boolean;
}

export interface RunningConcierge {
  services: Services;
  /** For imports and seeds: fills knowledge bases without asking for permissions. */
  knowledge: KnowledgeWriter;
  port: number;
  /** Stops accepting, lets answers end, closes. */
  close(): Promise<void>;
}

/**
 * Starts the product with these settings.
 * @throws DatabaseError when the database cannot be used
 */
export async function startConcierge(
  config: Config,
  options: ConciergeOptions = {},
): Promise<RunningConcierge> {
  const logger = createLogger(config.LOG_LEVEL);
  const metrics = createMetrics();
  const db = await openDatabase({
    databaseUrl: config.DATABASE_URL,
    dataDir: config.DATA_DIR,
    entities,
    migrations,
    logger,
  });
  const store = await openSessionStore({
    redisUrl: config.REDIS_URL,
    onError: (error) => logger.warn({ error }, 'Redis has a problem'),
  });
  const shared = await openShared({ config, db, store, logger, metrics });
  const { services } = shared;

  const hasBot = (config.ROLE === 'all' || config.ROLE === 'bot') && config.BOT_TOKEN !== undefined;
  const bot = hasBot
    ? new BotSupervisor(
        () => startBot({ config, services, db, store, logger, metrics, ...shared.bot }),
        logger,
      )
    : undefined;
  const api = createApi({
    config,
    services,
    store,
    db,
    logger,
    metrics,
    botStatus: () => bot?.status,
    botIdentity: () => (bot?.username === undefined ? undefined : { username: bot.username }),
    webhook: config.BOT_MODE === 'webhook' ? (secret, body) => webhookOf(bot)(secret, body) : undefined,
    emojiOf: shared.emojiOf,
    // What is there can still be read when the disk is full.
    dependencies: [
      {
        name: 'disk',
        vital: false,
        check: async () =>
          db.kind === 'postgresql' ? 'disabled' : (await db.hasSpace()) ? 'healthy' : 'unhealthy',
      },
    ],
    webappDir: join(import.meta.dirname, '../webapp/dist'),
    extra: options.extra,
  });
  const { port } = await api.listen();
  await bot?.start();
  const stopHousekeeping =
    config.ROLE === 'all' || config.ROLE === 'worker'
      ? startHousekeeping(shared.jobs, store, logger)
      : () => undefined;
  logger.info({ port, role: config.ROLE, database: db.kind, store: store.kind }, 'Concierge is ready');

  return {
    services,
    knowledge: shared.knowledge,
    port,
    async close() {
      logger.info('shutting down');
      stopHousekeeping();
      // The surfaces outlive the runs by a moment, so that the last words of a run still reach its readers.
      const parts = [
        api.close(drainMs),
        bot?.stop(drainMs) ?? Promise.resolve(),
        shared.close(drainMs - 2_000),
      ];
      for (const part of await Promise.allSettled(parts)) {
        // One that fails, because what it stands on is away, must not keep the others from closing.
        if (part.status === 'rejected') logger.warn({ error: part.reason }, 'a part did not close cleanly');
      }
      await store.close();
      await db.close();
      logger.info('closed');
    },
  };
}

/** While the bot is not up, Telegram is asked to come again. */
function webhookOf(bot: BotSupervisor | undefined): WebhookHandler {
  if (bot?.webhook) return bot.webhook;
  throw new AppError('UPSTREAM_UNAVAILABLE', 'The bot is not running here now.');
}

interface Foundation {
  config: Config;
  db: Database;
  store: SessionStore;
  logger: Logger;
  metrics: Metrics;
}

async function openShared({ config, db, store, logger, metrics }: Foundation) {
  const groups = new GroupService({ db });
  const guests = new GuestService({ store });
  const people = new PeopleService({
    db,
    profileSources: {
      messagesSent: (caller) => runs.countOf(caller.personId),
      tasksCompleted: async (caller) =>
        (await workflows.tasks(caller, 'done', { limit: 1, offset: 0 })).counts.done ?? 0,
      groupsManaged: (caller) => groups.countManaged(caller.personId),
      knowledgeSize: (caller) => catalog.sizeOwnedBy(caller.personId),
      activeProcesses: async (caller) =>
        (await workflows.processes(caller)).filter((process) => process.status === 'running'),
    },
  });
  const tokens = new TokenService({
    db,
    people,
    jwtSecret: config.JWT_SECRET ?? keptSecret(config.DATA_DIR, 'jwt'),
  });

  const statistics = new SearchStatistics(db, {
    onError: (error) => logger.warn({ error }, 'search statistics could not be written'),
  });
  const search = new KnowledgeSearchService(db, statistics);
  const catalog = new CatalogService(db);
  const knowledge = new KnowledgeWriter(db);

  const tools = new ToolRegistry([searchKnowledgeBase(search), calculator, timeTool()], {
    onError: (tool, error) => logger.error({ error, tool }, 'a tool failed'),
  });
  const models = new ModelRegistry(modelsConfig(config));
  // Whoever is first answers by default: the model where there is one, else the assistant that needs none.
  const agents = new AgentRegistry(
    models.defaultId === undefined
      ? [new OfflineAssistant(tools)]
      : [new LanguageModelAgent(models, tools), new OfflineAssistant(tools, { id: 'offline' })],
  );

  const notices = new NoticeBoard({ db, store });
  const feed = new TaskFeed(store);
  const workflows = new WorkflowService({
    database: db,
    groups,
    people,
    notices,
    publish: (change, personIds) => feed.publish(change, personIds),
    clock: () => new Date(),
  });

  const threads = new ThreadService({
    db,
    defaultAgentId: agents.defaultId,
    requireReadable: async (caller, kbIds) => {
      for (const kbId of kbIds) await catalog.get(caller, kbId);
    },
  });
  const emojiOf = (name: string) => tools.find(name)?.emoji ?? '🔧';
  const runs = new RunService({
    db,
    store,
    log: new RunLog(store),
    threads,
    agents,
    guests,
    names: (personIds) => people.names(personIds),
    modelOf: async (caller) => {
      if (caller.kind !== 'person') return undefined;
      const { llm_provider, llm_model } = await people.settings(caller);
      return llm_provider && llm_model ? `${llm_provider}:${llm_model}` : undefined;
    },
    emojiOf,
    logger,
    metrics,
  });

  await workflows.deployAll();
  const stopNotices = notices.open();
  await runs.open();
  const services: Services = {
    people,
    tokens,
    guests,
    threads,
    runs,
    agents,
    catalog,
    search,
    workflows,
    groups,
    notices,
    feed,
  };
  return {
    services,
    knowledge,
    emojiOf,
    bot: {
      useMembershipLookup: (lookup: MembershipLookup) => groups.useLookup(lookup),
      toolLabel: (name: string, language: 'en' | 'ru') =>
        `${emojiOf(name)} ${tools.find(name)?.label(language) ?? name}`,
    },
    jobs: [
      { name: 'purge-refresh-tokens', everyMs: hour, run: () => tokens.purge() },
      { name: 'purge-guest-threads', everyMs: hour, run: () => threads.purgeGuests() },
    ],
    async close(ms: number) {
      await runs.close(ms);
      await stopNotices();
      await statistics.flush();
    },
  };
}

/** Without a provider the registry is empty, and the offline assistant answers. */
function modelsConfig(config: Config): ModelsConfig {
  const openai = config.OPENAI_API_KEY !== undefined || config.OPENAI_BASE_URL !== undefined;
  return {
    providers: {
      ...(openai && {
        openai: {
          baseUrl: config.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
          apiKey: config.OPENAI_API_KEY,
        },
      }),
      ...(config.OPENROUTER_API_KEY !== undefined && {
        openrouter: { baseUrl: 'https://openrouter.ai/api/v1', apiKey: config.OPENROUTER_API_KEY },
      }),
      ...(config.TOGETHER_API_KEY !== undefined && {
        together: { baseUrl: 'https://api.together.xyz/v1', apiKey: config.TOGETHER_API_KEY },
      }),
      ...(config.OLLAMA_URL !== undefined && { ollama: { baseUrl: `${config.OLLAMA_URL}/v1` } }),
    },
    defaultModel: config.DEFAULT_MODEL,
  };
}
