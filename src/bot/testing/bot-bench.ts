// The bot between a local Telegram and the real services, for the tests of its commands. Only the answer desk is not
// the real one: it notes the questions, and what they are answered with is tested where it is made.
import { Api } from 'grammy';
import type { InlineKeyboardButton, Message, Update } from 'grammy/types';
import { MessageEntity, RunEntity, ThreadEntity } from '#shared/conversations/entities.ts';
import { ThreadService } from '#shared/conversations/thread-service.ts';
import type { Database } from '#shared/database/database.ts';
import { openTestDatabase } from '#shared/database/test-database.ts';
import { GroupEntity, GroupMemberEntity } from '#shared/groups/entities.ts';
import { GroupService } from '#shared/groups/group-service.ts';
import type { PersonCaller } from '#shared/identity/caller.ts';
import { PersonEntity } from '#shared/identity/entities.ts';
import { PeopleService } from '#shared/identity/people-service.ts';
import { CatalogService } from '#shared/knowledge/catalog-service.ts';
import { knowledgeEntities } from '#shared/knowledge/entities.ts';
import { KnowledgeSearchService } from '#shared/knowledge/knowledge-search-service.ts';
import { KnowledgeWriter } from '#shared/knowledge/knowledge-writer.ts';
import { SearchStatistics } from '#shared/knowledge/search-statistics.ts';
import { NoticeEntity } from '#shared/notifications/entities.ts';
import { NoticeBoard } from '#shared/notifications/notice-board.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import {
  ProcessDefinitionEntity,
  ProcessInstanceEntity,
  UserTaskEntity,
} from '#shared/workflows/entities.ts';
import { WorkflowService } from '#shared/workflows/workflow-service.ts';
import {
  type ActingPerson,
  type Group,
  listenPlayground,
  Playground,
  type PlaygroundOptions,
} from '../../../playground/telegram.ts';
import { type CreatedBot, createBot } from '../create-bot.ts';
import type { HandlerDeps } from '../handler-deps.ts';
import { allowedUpdates } from '../inbox/allowed-updates.ts';
import { Outbound } from '../outbound/outbound.ts';
import { DialogueEntity, PrivateChatEntity } from '../state/entities.ts';
import { FakeAnswers } from './fake-answers.ts';

const token = '4242:test-token';
const logger = createLogger('silent');
/** Telegram's limits are tested with the gateway; here nothing waits. */
const limits = {
  perChat: {
    private: { count: 1000, windowMs: 1000, keptForFinals: 0 },
    group: { count: 1000, windowMs: 1000, keptForFinals: 0 },
  },
  perSecond: 1000,
};

export function openBenchDatabase(): Promise<Database> {
  return openTestDatabase([
    PersonEntity,
    GroupEntity,
    GroupMemberEntity,
    ThreadEntity,
    MessageEntity,
    RunEntity,
    NoticeEntity,
    ProcessDefinitionEntity,
    ProcessInstanceEntity,
    UserTaskEntity,
    ...knowledgeEntities,
    PrivateChatEntity,
    DialogueEntity,
  ]);
}

export interface BenchOptions {
  publicUrl?: string;
  miniAppName?: string;
  playground?: Partial<PlaygroundOptions>;
}

export class BotBench {
  readonly db: Database;
  readonly playground: Playground;
  readonly answers: FakeAnswers;
  readonly services: HandlerDeps['services'] & { workflows: WorkflowService; groups: GroupService };
  readonly knowledge: KnowledgeWriter;
  readonly notices: NoticeBoard;
  readonly #options: BenchOptions;
  readonly #url: string;
  readonly #api: Api;
  readonly #store = new MemorySessionStore();
  readonly #server: { close(): Promise<void> };
  #outbound: Outbound;
  #created: CreatedBot;
  #offset = 0;

  static async open(db: Database, options: BenchOptions = {}): Promise<BotBench> {
    const playground = new Playground({
      token,
      miniAppUrl: 'http://localhost:8080/app/',
      enforceLimits: false,
      ...options.playground,
    });
    const server = await listenPlayground(playground, { port: 0 });
    const bench = new BotBench(db, playground, server, options);
    await bench.services.workflows.deployAll();
    await bench.drain();
    return bench;
  }

  private constructor(
    db: Database,
    playground: Playground,
    server: { url: string; close(): Promise<void> },
    options: BenchOptions,
  ) {
    this.db = db;
    this.playground = playground;
    this.#options = options;
    this.#server = server;
    this.#url = server.url;
    this.#api = new Api(token, { apiRoot: server.url });
    this.notices = new NoticeBoard({ db, store: this.#store });
    this.knowledge = new KnowledgeWriter(db);
    this.services = this.#makeServices();
    this.answers = new FakeAnswers(this.services.threads);
    this.#outbound = this.#makeOutbound();
    this.#created = this.#makeBot();
  }

  get bot(): CreatedBot {
    return this.#created;
  }

  person(first_name: string, language_code = 'en'): ActingPerson {
    return this.playground.as(
      this.playground.addPerson({ first_name, username: first_name.toLowerCase(), language_code }),
    );
  }

  group(
    title: string,
    members: ActingPerson[],
    options: { topics?: string[]; botIsAdmin?: boolean } = {},
  ): Group {
    return this.playground.addGroup({ title, members: members.map(({ person }) => person), ...options });
  }

  async callerOf(who: ActingPerson): Promise<PersonCaller> {
    return this.services.people.callerOf(await this.services.people.fromTelegram(who.person));
  }

  /** Handles everything that waits, in order; answers how many updates it were. */
  async drain(): Promise<number> {
    let handled = 0;
    for (;;) {
      const updates = await this.take();
      if (updates.length === 0) return handled;
      for (const update of updates) await this.bot.bot.handleUpdate(update);
      handled += updates.length;
    }
  }

  /** Takes what waits without handling it. */
  async take(): Promise<Update[]> {
    const updates = await this.#api.getUpdates({
      offset: this.#offset,
      timeout: 0,
      allowed_updates: allowedUpdates,
    });
    this.#offset = (updates.at(-1)?.update_id ?? this.#offset - 1) + 1;
    return updates;
  }

  /** Writes to the bot and has it handled; answers what the bot then said, newest last. */
  async tell(who: ActingPerson, text: string): Promise<Message[]> {
    return this.#afterwards(who.person.id, () => who.send(this.playground.bot, text));
  }

  /** Presses a button of the newest message that has it; answers what popped up. */
  async press(
    who: ActingPerson,
    button: string,
    chat: { id: number } = who.person,
  ): Promise<{ text: string; alert: boolean; url: string }> {
    const pressed = who.press(this.withButton(chat, button), button);
    const answer = pressed.answer();
    await this.drain();
    return answer;
  }

  /** The newest message with this button, by its label or its data. */
  withButton(chat: { id: number }, button: string): Message {
    const found = this.playground
      .messages(chat)
      .findLast((message) => buttonsOf(message).some((one) => isIt(one, button)));
    if (!found) throw new Error(`No message has a button "${button}"; the newest: ${this.last(chat).text}`);
    return found;
  }

  last(chat: { id: number }, topic?: number): Message {
    const message = this.playground.messages(chat, topic).at(-1);
    if (!message) throw new Error('Nothing was said in this chat');
    return message;
  }

  /** Another process over the same database; the first one is gone. */
  restart(): void {
    this.#outbound = this.#makeOutbound();
    this.#created = this.#makeBot();
  }

  /** Waits until the notices that are due now are shown. */
  async showNotices(): Promise<void> {
    await this.bot.start();
    try {
      for (let left = 300; left > 0; left--) {
        const [row] = await this.db.query<{ count: number }>(
          `select count(*) as count from notices
           where state = 'sending' or (state = 'pending' and next_attempt_at < now() + interval '30 s')`,
        );
        if (row?.count === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      throw new Error('Notices are still due after 9 s');
    } finally {
      await this.bot.stop();
    }
  }

  async close(): Promise<void> {
    await this.bot.stop();
    await this.#outbound.close(500);
    await this.#store.close();
    await this.#server.close();
  }

  async #afterwards(chatId: number, act: () => unknown): Promise<Message[]> {
    const before = this.playground.messages({ id: chatId }).length;
    act();
    await this.drain();
    return this.playground
      .messages({ id: chatId })
      .slice(before)
      .filter(({ from }) => from?.is_bot === true);
  }

  #makeServices(): BotBench['services'] {
    const { db } = this;
    const people = new PeopleService({
      db,
      profileSources: {
        messagesSent: async () => 3,
        tasksCompleted: async () => 1,
        groupsManaged: async () => 0,
        knowledgeSize: async () => 0.2,
        activeProcesses: async (caller) =>
          (await this.services.workflows.processes(caller)).filter(({ status }) => status === 'running'),
      },
    });
    const groups = new GroupService({ db });
    const membersOf = async (groupId: string) =>
      (await db.em.find(GroupMemberEntity, { groupId })).map(({ personId }) => personId);
    const statistics = new SearchStatistics(db);
    const catalog = new CatalogService(db);
    return {
      people,
      groups,
      threads: new ThreadService({
        db,
        defaultAgentId: 'assistant',
        requireReadable: async (caller, kbIds) => {
          for (const id of kbIds) await catalog.get(caller, id);
        },
      }),
      catalog,
      search: new KnowledgeSearchService(db, statistics),
      notices: this.notices,
      workflows: new WorkflowService({
        database: db,
        people,
        groups: {
          find: (id) => groups.find(id),
          isMember: (groupId, personId) => groups.isMember(groupId, personId),
          ofPerson: (personId) => groups.ofPerson(personId),
          membersOf,
        },
        notices: this.notices,
        publish: () => undefined,
        clock: () => new Date(),
      }),
    };
  }

  #makeOutbound(): Outbound {
    return new Outbound({
      store: this.#store,
      botId: 4242,
      logger,
      limits,
      onMigrated: (from, to) => this.services.groups.migrate(from, to),
    });
  }

  #makeBot(): CreatedBot {
    return createBot({
      config: {
        PUBLIC_URL: this.#options.publicUrl ?? 'https://concierge.example.org',
        BOT_API_ROOT: this.#url,
        MINI_APP_NAME: this.#options.miniAppName,
      },
      services: this.services,
      db: this.db,
      logger,
      token,
      botInfo: this.playground.bot,
      answers: this.answers,
      outbound: this.#outbound,
      lookEveryMs: 50,
      useMembershipLookup: (lookup) => this.services.groups.useLookup(lookup),
    });
  }
}

export function buttonsOf(message: Message): InlineKeyboardButton[] {
  return message.reply_markup?.inline_keyboard.flat() ?? [];
}

export function labelsOf(message: Message): string[] {
  return buttonsOf(message).map(({ text }) => text);
}

function isIt(button: InlineKeyboardButton, wanted: string): boolean {
  return 'callback_data' in button && (button.text === wanted || button.callback_data === wanted);
}
