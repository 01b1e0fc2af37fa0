// The playground: a local Telegram with one bot, for people at a page and for tests.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Message, ReplyKeyboardMarkup, Update, UserFromGetMe } from 'grammy/types';
import { type ActingParts, ActingPerson, type ChatRef } from './acting-person.ts';
import { Faults } from './faults.ts';
import { Files } from './files.ts';
import { handleBotApi } from './http/bot-api.ts';
import { isLocalRequest, refuseForeign } from './http/guard.ts';
import { handlePage } from './http/page-api.ts';
import { sendBotFile } from './http/send-file.ts';
import { initDataPublicKey } from './init-data.ts';
import { type ChatCounters, type LimitSettings, Limits, TELEGRAM_LIMITS } from './limits.ts';
import { Outbox, type OutboxCall, type RefusedCall } from './outbox.ts';
import { loadState, StateFile } from './persistence.ts';
import { Poller } from './updates/poller.ts';
import { UpdateQueue } from './updates/queue.ts';
import { WebhookSender } from './updates/webhook.ts';
import { type Change, Changes } from './world/changes.ts';
import { changeMember, createTopic, migrateGroup } from './world/groups.ts';
import { type Draft, Live } from './world/live.ts';
import { type GroupOptions, makeGroup, makePerson, type PersonOptions } from './world/people.ts';
import type { GroupRecord, MessageRecord, Person } from './world/state.ts';
import { World } from './world/world.ts';

export type { ActingPerson, ChatRef } from './acting-person.ts';
export type { Person } from './world/state.ts';

/** A live view: its id changes when the group is upgraded. */
export type Group = Readonly<Pick<GroupRecord, 'id' | 'title' | 'topics' | 'type'>>;

export interface PlaygroundOptions {
  /** `<digits>:<secret>`; the digits become the bot's id. */
  token: string;
  /** @default 'concierge_bot' */
  botUsername?: string;
  /** @default 'Concierge' */
  botName?: string;
  /** The `<app>` of t.me/<bot>/<app> links. @default 'app' */
  miniAppName?: string;
  miniAppUrl: string;
  /** JSON with everything; files lie beside it in `<stateFile>.files`. Without it nothing outlives the process. */
  stateFile?: string;
  /** Answer 429 where Telegram would. @default true */
  enforceLimits?: boolean;
  limits?: Partial<LimitSettings>;
  /** @default 30000 */
  draftLifeMs?: number;
  /** How long a button press can be answered. @default 60000 */
  queryLifeMs?: number;
  /** Pause before the first redelivery to a webhook; it doubles. @default 500 */
  webhookRetryMs?: number;
  /** Without administrator rights the bot sees only what is meant for it. @default true */
  privacyMode?: boolean;
}

/**
 * @example
 * const playground = new Playground({ token: '42:secret', miniAppUrl: 'http://localhost:8080/app/' });
 * const server = await listenPlayground(playground, { port: 0 });
 * const bot = new Bot('42:secret', { client: { apiRoot: server.url } });
 * const ann = playground.as(playground.addPerson({ first_name: 'Ann', username: 'ann' }));
 * ann.send(playground.bot, 'Hello');
 * await playground.waitFor(() => playground.messages(ann.person).length === 2);
 */
export class Playground {
  readonly faults: Faults;
  readonly options: PlaygroundOptions;
  readonly #world: World;
  readonly #files: Files;
  readonly #stateFile: StateFile;
  readonly #outbox = new Outbox();
  readonly #limits: Limits;
  readonly #poller: Poller;
  readonly #webhook: WebhookSender;
  readonly #closed = new AbortController();

  /** Reads the state file at once; throws when it holds something else. */
  constructor(options: PlaygroundOptions) {
    this.options = options;
    const changes = new Changes();
    const state = loadState(options.stateFile);
    const updates = new UpdateQueue(state, changes);
    const live = new Live(changes, {
      draftLifeMs: options.draftLifeMs ?? 30_000,
      queryLifeMs: options.queryLifeMs ?? 60_000,
    });
    this.#world = new World({ state, bot: botUser(options), changes, updates, live });
    this.#files = new Files(state, options.stateFile);
    this.#stateFile = new StateFile(options.stateFile, state);
    this.#limits = new Limits(
      options.enforceLimits === false ? undefined : { ...TELEGRAM_LIMITS, ...options.limits },
    );
    this.#poller = new Poller(updates);
    this.#webhook = new WebhookSender(state, updates, options.webhookRetryMs ?? 500);
    this.faults = new Faults(changes);
    changes.listen((change) => {
      if (!PASSING.has(change.type)) this.#stateFile.soon();
    });
    this.#webhook.wake();
  }

  get bot(): UserFromGetMe {
    return this.#world.bot;
  }

  /** Checks the `signature` of our launch data, in place of Telegram's key. Hex. */
  get initDataPublicKey(): string {
    return initDataPublicKey(this.options.token);
  }

  /** Every accepted call but getUpdates, oldest first; the last 1000. */
  get outbox(): readonly OutboxCall[] {
    return this.#outbox.accepted;
  }

  /** Calls that were refused, with Telegram's words; the last 1000. */
  get refused(): readonly RefusedCall[] {
    return this.#outbox.refused;
  }

  /** Updates which the bot has not confirmed. */
  get pendingUpdates(): readonly Update[] {
    return this.#world.updates.pending;
  }

  get people(): readonly Person[] {
    return this.#world.state.people;
  }

  get groups(): readonly Group[] {
    return this.#world.groups();
  }

  counters(): ChatCounters[] {
    return this.#limits.counters();
  }

  /**
   * Serves /bot<token>/<method>, /file/bot<token>/<path> and /playground/**.
   * Returns false, and does nothing, for any other address.
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const url = URL.parse(req.url ?? '/', 'http://localhost');
    if (!url) return false;
    const kind = /^\/(bot|file\/bot|playground(?:\/|$))/u.exec(url.pathname)?.[1];
    if (kind === undefined || (kind === 'bot' && !/^\/bot[^/]*\//u.test(url.pathname))) return false;
    if (!isLocalRequest(req)) {
      refuseForeign(res);
      return true;
    }
    if (kind === 'bot') {
      const parts = { world: this.#world, files: this.#files, poller: this.#poller, webhook: this.#webhook };
      const { token } = this.options;
      void handleBotApi(
        { ...parts, token, faults: this.faults, limits: this.#limits, outbox: this.#outbox },
        req,
        res,
        url,
      );
    } else if (kind === 'file/bot') {
      void sendBotFile(this.#files, this.options.token, res, url);
    } else {
      void handlePage(
        { playground: this, world: this.#world, files: this.#files, closed: this.#closed.signal },
        req,
        res,
        url,
      );
    }
    return true;
  }

  /** The person with this username when there is one already, renamed if need be. */
  addPerson(options: PersonOptions): Person {
    return makePerson(this.#world, options);
  }

  /** The group with this username, or else this title, when there is one already. The first member owns it. */
  addGroup(options: GroupOptions): Group {
    return makeGroup(this.#world, options);
  }

  /** @example playground.as('ann').send(playground.bot, '/start') */
  as(person: Person | number | string): ActingPerson {
    const found =
      typeof person === 'string'
        ? this.#world.personNamed(person)
        : this.#world.person(typeof person === 'number' ? person : person.id);
    if (!found) throw new Error(`Nobody is called ${typeof person === 'object' ? person.id : person} here`);
    const { token, miniAppUrl } = this.options;
    const waitFor: ActingParts['waitFor'] = (predicate, options) => this.waitFor(predicate, options);
    return new ActingPerson(found, { world: this.#world, files: this.#files, token, miniAppUrl, waitFor });
  }

  /** What people see in a chat, oldest first; only one topic when it is given (1 is General). */
  messages(chat: ChatRef, topic?: number): Message[] {
    return this.#records(chat)
      .map((held) => held.message)
      .filter((message) => topic === undefined || (message.message_thread_id ?? 1) === topic);
  }

  /** The draft that streams in a private chat now. */
  draft(chat: ChatRef): Draft | undefined {
    return this.#world.live.draft(typeof chat === 'number' ? chat : chat.id);
  }

  isTyping(chat: ChatRef): boolean {
    return this.#world.live.typing(typeof chat === 'number' ? chat : chat.id) !== undefined;
  }

  reactions(chat: ChatRef, messageId: number): MessageRecord['reactions'] {
    return this.#records(chat).find((held) => held.message.message_id === messageId)?.reactions ?? [];
  }

  /** The reply keyboard that people have before them, if any. */
  keyboard(chat: ChatRef): ReplyKeyboardMarkup | undefined {
    const markup = this.#records(chat).findLast((held) => held.markup)?.markup;
    return markup && 'keyboard' in markup ? markup : undefined;
  }

  addTopic(group: ChatRef, name: string): number {
    const record = this.#group(group);
    const owner = Object.keys(record.members).find((id) => record.members[Number(id)] === 'creator');
    const by = this.#world.user(Number(owner)) ?? this.#world.botUser();
    return createTopic(this.#world, record, by, name).id;
  }

  addMember(group: ChatRef, person: Person): void {
    changeMember(this.#world, this.#group(group), person, 'member', person);
  }

  /** Upgrades the group: it goes on under the returned id, the old one is refused from now on. */
  migrate(group: ChatRef): number {
    return migrateGroup(this.#world, this.#group(group));
  }

  /**
   * Resolves with the predicate's first truthy value; it is checked now and after every change.
   * Rejects after timeoutMs (default 5000) with the bot's last calls in the message.
   */
  async waitFor<T>(
    predicate: () => T,
    { timeoutMs = 5000 }: { timeoutMs?: number } = {},
  ): Promise<NonNullable<T>> {
    const first = predicate();
    if (first) return first;
    return await new Promise<NonNullable<T>>((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        stop();
        this.#closed.signal.removeEventListener('abort', closed);
      };
      const fail = (why: string) => {
        end();
        reject(new Error(`${why} while waiting for ${predicate.toString()}\n${this.#lastCalls()}`));
      };
      const closed = () => fail('The playground was closed');
      const timer = setTimeout(() => fail(`Nothing came within ${timeoutMs} ms`), timeoutMs);
      const stop = this.#world.changes.listen(() => {
        try {
          const value = predicate();
          if (!value) return;
          end();
          resolve(value);
        } catch (error) {
          end();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      this.#closed.signal.addEventListener('abort', closed);
    });
  }

  /** Writes the state file now. */
  async flush(): Promise<void> {
    await this.#stateFile.flush();
  }

  /** Ends deliveries and open pages, writes the state. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#webhook.close();
    this.#world.live.close();
    await this.#stateFile.close();
  }

  #records(chat: ChatRef): readonly MessageRecord[] {
    return this.#world.chat(typeof chat === 'number' ? chat : chat.id)?.messages ?? [];
  }

  #group(chat: ChatRef): GroupRecord {
    const record = this.#world.chat(typeof chat === 'number' ? chat : chat.id);
    if (record?.kind !== 'group') throw new Error('There is no such group');
    return record;
  }

  #lastCalls(): string {
    const accepted = this.#outbox.accepted.map(({ at, method, payload }) => ({
      at,
      line: `${method} ${JSON.stringify(payload)}`,
    }));
    const refused = this.#outbox.refused.map(({ at, method, description }) => ({
      at,
      line: `${method} refused: ${description}`,
    }));
    const lines = [...accepted, ...refused].sort((a, b) => a.at - b.at).slice(-8);
    return `Last calls of the bot:\n${lines.map(({ line }) => `  ${line.slice(0, 200)}`).join('\n') || '  none'}`;
  }
}

/** Changes that leave nothing to remember. */
const PASSING: ReadonlySet<Change['type']> = new Set(['draft', 'draft_gone', 'typing', 'answer', 'call']);

function botUser(options: PlaygroundOptions): UserFromGetMe {
  if (!/^\d{1,15}:.+$/u.test(options.token)) throw new Error('A bot token is <digits>:<secret>');
  return {
    id: Number(options.token.split(':')[0]),
    is_bot: true,
    first_name: options.botName ?? 'Concierge',
    username: options.botUsername ?? 'concierge_bot',
    can_join_groups: true,
    can_read_all_group_messages: options.privacyMode === false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: true,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}

/** Starts a server of its own on 127.0.0.1; port 0 takes a free one. Closing it closes the playground too. */
export async function listenPlayground(
  playground: Playground,
  { port }: { port: number },
): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const server = createServer((req, res) => {
    if (playground.handle(req, res)) return;
    const home = req.url === '/';
    res.writeHead(home ? 302 : 404, home ? { location: '/playground' } : {}).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: async () => {
      const ended = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await playground.close();
      server.closeAllConnections();
      await ended;
    },
  };
}
