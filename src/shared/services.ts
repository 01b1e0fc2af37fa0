// The shared layer as its two users, the bot and the API, see it. Built in main.ts, passed down, never global.
import type { Agent } from './agents/agent.ts';
import type { Permission, TokenPair } from './contracts/auth.ts';
import type { Page, PageQuery } from './contracts/common.ts';
import type { Form, FormValues } from './contracts/forms.ts';
import type {
  CatalogAnswer,
  CatalogQuery,
  KnowledgeBaseDetail,
  SearchAnswer,
  SearchRequest,
} from './contracts/knowledge.ts';
import type { PersonSettings, Profile, SettingsPatch } from './contracts/profile.ts';
import type { MessageView, ThreadView } from './contracts/threads.ts';
import type {
  ProcessInstanceView,
  TaskList,
  TaskPage,
  UserTaskDetail,
  WorkflowDefinitionView,
} from './contracts/workflows.ts';
import type { FollowedEvent, StartedRun, StartRun } from './conversations/run.ts';
import type { Group } from './groups/entities.ts';
import type { Caller, GuestCaller, PersonCaller } from './identity/caller.ts';
import type { Person } from './identity/entities.ts';
import type { Language } from './language.ts';
import type { Notice } from './notifications/entities.ts';

/** A Telegram user as updates and initData carry it. */
export interface TelegramUser {
  id: number;
  first_name: string;
  last_name?: string | undefined;
  username?: string | undefined;
  language_code?: string | undefined;
}

export interface People {
  /** Makes or refreshes the person; the language follows Telegram's until the person chooses one. */
  fromTelegram(user: TelegramUser): Promise<Person>;
  find(personId: string): Promise<Person | undefined>;
  callerOf(person: Person): PersonCaller;
  settings(caller: PersonCaller): Promise<PersonSettings>;
  updateSettings(caller: PersonCaller, patch: SettingsPatch): Promise<PersonSettings>;
  profile(caller: PersonCaller): Promise<Profile>;
}

export interface Tokens {
  issue(person: Person): Promise<TokenPair>;
  /** The person behind an access token; undefined when it is not valid for whatever reason. */
  verify(accessToken: string): Promise<PersonCaller | undefined>;
  /** Single use: a second use revokes every token of that login. Throws AUTH_INVALID_TOKEN. */
  rotate(refreshToken: string): Promise<TokenPair>;
  revoke(refreshToken: string): Promise<void>;
}

export interface Guests {
  /** Seconds of idle life and the messages that a guest may write in all. */
  readonly idleSeconds: number;
  readonly messageLimit: number;
  create(
    language: Language,
  ): Promise<{ token: string; caller: GuestCaller; permissions: readonly Permission[] }>;
  /** Also pushes the end of its life out. */
  verify(token: string): Promise<GuestCaller | undefined>;
  /** Counts one message; throws RATE_LIMIT_EXCEEDED when the guest has none left. */
  countMessage(caller: GuestCaller): Promise<{ remaining: number }>;
  remaining(caller: GuestCaller): Promise<number>;
}

export interface Threads {
  list(caller: Caller, query: PageQuery): Promise<Page<ThreadView>>;
  /** Throws RESOURCE_NOT_FOUND for a foreign thread as for a missing one. */
  get(caller: Caller, threadId: string): Promise<ThreadView>;
  create(
    caller: Caller,
    input: { title?: string | undefined; agent_id?: string | undefined; kb_ids?: string[] | undefined },
  ): Promise<ThreadView>;
  rename(caller: Caller, threadId: string, title: string): Promise<ThreadView>;
  remove(caller: Caller, threadId: string): Promise<void>;
  /** Oldest first. `offset` counts from the oldest. */
  messages(caller: Caller, threadId: string, query: PageQuery): Promise<Page<MessageView>>;
  /** The conversation of a group's topic (0: the group has none), made when missing. */
  ofGroup(groupId: string, topicId: number): Promise<ThreadView>;
}

export interface Runs {
  /**
   * Records the question and starts the answer; both survive `kill -9` from the moment that this resolves.
   * The same `clientMessageId` of the same owner twice is one run (`status: 'duplicate'`).
   */
  start(input: StartRun): Promise<StartedRun>;
  /**
   * The run's events after `after` (a `seq`; 0: all), then the live ones, until its terminal event. Any number of
   * readers on any instance. A run that is over and gone from the log is rebuilt from its recorded message.
   */
  follow(caller: Caller, runId: string, after: number, signal: AbortSignal): AsyncGenerator<FollowedEvent>;
  /** Stops the answer, from whichever instance; takes a run id or the id of its assistant message. */
  cancel(caller: Caller, runOrMessageId: string): Promise<{ status: 'cancelling' | 'finished' }>;
  /** The run of a thread that is answering now. */
  active(caller: Caller, threadId: string): Promise<string | undefined>;
}

export interface Agents {
  readonly defaultId: string;
  list(): readonly Agent[];
  find(agentId: string): Agent | undefined;
}

export interface Catalog {
  /** Public entries for everybody; a person also sees private ones where they are a member. */
  list(caller: Caller, query: CatalogQuery): Promise<CatalogAnswer>;
  get(caller: Caller, kbId: string): Promise<KnowledgeBaseDetail>;
}

export interface KnowledgeSearch {
  /** Searches only what the caller may read; a foreign or missing id in `kb_ids` is RESOURCE_NOT_FOUND. */
  search(caller: Caller, request: SearchRequest): Promise<SearchAnswer>;
}

export interface Workflows {
  definitions(language: Language): Promise<WorkflowDefinitionView[]>;
  startForm(key: string, language: Language): Promise<Form>;
  /** `group` and `topicId`: where it was started; the group's members may take its tasks and are told of them. */
  start(
    caller: PersonCaller,
    input: {
      key: string;
      values: FormValues;
      groupId?: string | undefined;
      topicId?: number | undefined;
      /** The same twice starts one. */
      idempotencyKey?: string | undefined;
    },
  ): Promise<ProcessInstanceView>;
  processes(caller: PersonCaller): Promise<ProcessInstanceView[]>;
  cancel(caller: PersonCaller, processId: string): Promise<ProcessInstanceView>;
  tasks(caller: PersonCaller, filter: TaskList, query: PageQuery): Promise<TaskPage>;
  task(caller: PersonCaller, taskId: string): Promise<UserTaskDetail>;
  /** The task as its group's notice shows it: no caller, no form. Undefined when it is gone. */
  taskForNotice(taskId: string, language: Language): Promise<UserTaskDetail | undefined>;
  claim(caller: PersonCaller, taskId: string): Promise<UserTaskDetail>;
  /** Throws VALIDATION_ERROR with one issue per field, CONFLICT when somebody completed it before. */
  complete(
    caller: PersonCaller,
    taskId: string,
    input: { values: FormValues; action?: string | undefined },
  ): Promise<UserTaskDetail>;
  /** The one check of a form's values, for surfaces that ask field by field; undefined when the value is fine. */
  checkField(form: Form, name: string, value: FormValues[string], language: Language): string | undefined;
}

export interface Groups {
  /** Makes or refreshes the group. */
  fromTelegram(chat: {
    id: number;
    title: string;
    username?: string | undefined;
    language?: Language;
  }): Promise<Group>;
  find(groupId: string): Promise<Group | undefined>;
  findByChat(telegramChatId: number): Promise<Group | undefined>;
  setActive(groupId: string, active: boolean): Promise<void>;
  migrate(fromChatId: number, toChatId: number): Promise<void>;
  /** Telegram showed that this person is in the group. */
  confirmMember(groupId: string, personId: string, role?: 'member' | 'admin'): Promise<void>;
  removeMember(groupId: string, personId: string): Promise<void>;
  /** Asks Telegram when the last confirmation is older than an hour and a look-up is configured. */
  isMember(groupId: string, personId: string): Promise<boolean>;
  ofPerson(personId: string): Promise<Group[]>;
}

export interface Notices {
  /** Due notices, marked as being sent by this process; also those whose sender died. */
  claimDue(limit: number): Promise<Notice[]>;
  shown(noticeId: string, revision: number, messageId: number): Promise<void>;
  retry(noticeId: string, afterMs: number, reason: string): Promise<void>;
  /** Nothing more is sent: the chat is gone, or the message cannot be made. */
  dead(noticeId: string, reason: string): Promise<void>;
  /** Called when there may be due ones. Returns the function that ends it. */
  onDue(listener: () => void): () => void;
}

/** A change of a task, told live to the people whom it concerns. */
export interface TaskChange {
  event: 'created' | 'updated' | 'completed' | 'deleted';
  taskId: string;
}

export interface PersonFeed {
  /** Live events of a person, from whichever instance. Returns the function that ends it. */
  subscribe(personId: string, listener: (change: TaskChange) => void): Promise<() => Promise<void>>;
}

export interface Services {
  people: People;
  tokens: Tokens;
  guests: Guests;
  threads: Threads;
  runs: Runs;
  agents: Agents;
  catalog: Catalog;
  search: KnowledgeSearch;
  workflows: Workflows;
  groups: Groups;
  notices: Notices;
  feed: PersonFeed;
}
