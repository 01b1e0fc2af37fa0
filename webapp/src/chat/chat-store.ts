// All conversations of the app, fed by the socket and the REST record. Rules that hold here:
// a frame of a run counts once and in order of `seq`; a message is sent until the server has bound a run to it, always
// under the same client_message_id, so that it is answered once; a run under way is resumed after every reconnect.
import type { ServerFrame } from '../../../src/shared/contracts/gateway-frames.ts';
import type { ThreadView } from '../../../src/shared/contracts/threads.ts';
import type { Api } from '../api/api.ts';
import { ApiError } from '../api/api-error.ts';
import {
  beginAnswer,
  type Conversation,
  changeMessage,
  draftKey,
  isAnswerOf,
  mergeRecord,
  newConversation,
  settleQuestion,
} from './conversation.ts';
import { applyFrame, fromView, isEnd, type Problem, problemOf, setTool } from './message.ts';
import type { ChatSocket, LineState } from './socket.ts';

export type UiContext = Extract<ServerFrame, { type: 'uiContext' }>;
type StateUpdate = Extract<ServerFrame, { type: 'stateUpdate' }>;
type TaskNotification = Extract<ServerFrame, { type: 'taskNotification' }>;

export interface ChatSnapshot {
  line: LineState;
  mode: 'guest' | 'authenticated' | undefined;
  /** Messages that a guest may still write. */
  remaining: number | undefined;
  ui: UiContext | undefined;
  conversations: Readonly<Record<string, Conversation>>;
  /** Drafts that became threads: draft key → thread id. */
  promoted: Readonly<Record<string, string>>;
  /** Grows whenever the list of threads may look different. */
  threadsRevision: number;
  tasksRevision: number;
  lastTask: TaskNotification | undefined;
  /** An error that belongs to no message. */
  notice: Problem | undefined;
}

interface Pending {
  key: string;
  text: string;
  sent: boolean;
}

interface Run {
  key: string;
  lastSeq: number;
  /** Set while the server owes a replay; a second one is asked for only when that came to nothing. */
  resumeTimer: ReturnType<typeof setTimeout> | undefined;
}

type ThreadApi = Pick<Api, 'thread' | 'messages'>;

const pageSize = 50;
const keptConversations = 20;
const keptFinishedRuns = 200;
const keptPending = 20;

export interface ChatStoreOptions {
  socket: ChatSocket;
  api: ThreadApi;
  newId: () => string;
  now?: () => number;
  /** When listeners are told of changes; many deltas become one drawing. */
  schedule?: (task: () => void) => void;
  /** How long the server may take to bind a message, or to replay a run, before it is asked again. @default 20 000 ms */
  patienceMs?: number;
}

export class ChatStore {
  readonly #socket: ChatSocket;
  readonly #api: ThreadApi;
  readonly #newId: () => string;
  readonly #now: () => number;
  readonly #schedule: (task: () => void) => void;
  readonly #patienceMs: number;
  readonly #listeners = new Set<() => void>();
  readonly #pending = new Map<string, Pending>();
  readonly #runs = new Map<string, Run>();
  readonly #finished = new Set<string>();
  readonly #stops = new Set<string>();
  /** Grows when an answer begins or ends. */
  #epoch = 0;
  #resendTimer: ReturnType<typeof setTimeout> | undefined;
  #told = true;
  #snapshot: ChatSnapshot = {
    line: 'idle',
    mode: undefined,
    remaining: undefined,
    ui: undefined,
    conversations: {},
    promoted: {},
    threadsRevision: 0,
    tasksRevision: 0,
    lastTask: undefined,
    notice: undefined,
  };

  constructor(options: ChatStoreOptions) {
    this.#socket = options.socket;
    this.#api = options.api;
    this.#newId = options.newId;
    this.#now = options.now ?? Date.now;
    this.#schedule = options.schedule ?? ((task) => setTimeout(task, 16));
    this.#patienceMs = options.patienceMs ?? 20_000;
    this.#socket.onFrame = (frame) => this.#onFrame(frame);
    this.#socket.onState = (line) => {
      this.#set({ line });
      if (line === 'online') this.#onOnline();
      else for (const pending of this.#pending.values()) pending.sent = false;
    };
  }

  readonly snapshot = (): ChatSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connect(): void {
    this.#socket.open();
  }

  /** For a network that came back, or a person who presses "try again". Leaves a good line alone. */
  reconnect(): void {
    if (this.#socket.state !== 'online') this.#socket.reconnectNow();
  }

  /** Signs in anew on a new line, for what the server fixed at sign-in, such as the language. */
  restart(): void {
    this.#socket.reconnectNow();
  }

  /** For an app that comes back to the foreground: its line may have died unnoticed. */
  probe(): void {
    this.#socket.probe();
  }

  close(): void {
    clearTimeout(this.#resendTimer);
    for (const run of this.#runs.values()) clearTimeout(run.resumeTimer);
    this.#socket.close();
  }

  /** Shows a thread: at once what is known of it, then the server's record. */
  async open(threadId: string): Promise<void> {
    const known = this.#snapshot.conversations[threadId];
    // A guest's conversation is in the server's memory only, where nothing can be read back from.
    if (known && this.#snapshot.mode === 'guest') return;
    if (!known || known.phase !== 'ready') {
      this.#put({ ...(known ?? this.#newConversation(threadId)), threadId, phase: 'loading' });
    }
    await this.#load(threadId);
  }

  /** Undefined when the record could not be had; the conversation says so, unless it has something to show. */
  async #load(threadId: string): Promise<ThreadView | undefined> {
    try {
      for (;;) {
        const epoch = this.#epoch;
        const thread = await this.#api.thread(threadId);
        let offset = Math.max(0, thread.message_count - pageSize);
        let page = await this.#api.messages(threadId, offset, pageSize);
        if (page.total > offset + page.results.length) {
          offset = Math.max(0, page.total - pageSize);
          page = await this.#api.messages(threadId, offset, pageSize);
        }
        // An answer began or ended while this was on its way: the record is older than what is shown.
        if (epoch !== this.#epoch) continue;
        this.#record(threadId, thread, page.results.map(fromView), offset);
        return thread;
      }
    } catch (reason) {
      const error = ApiError.from(reason);
      const phase =
        error.status === 404 || error.status === 403 || error.status === 400 ? 'missing' : 'failed';
      this.#change(threadId, (conversation) =>
        conversation.messages.length > 0 && phase === 'failed'
          ? { ...conversation, phase: 'ready' }
          : { ...conversation, phase },
      );
      return undefined;
    }
  }

  async openEarlier(threadId: string): Promise<void> {
    const earlier = this.#snapshot.conversations[threadId]?.earlier ?? 0;
    if (earlier === 0) return;
    const offset = Math.max(0, earlier - pageSize);
    const page = await this.#api.messages(threadId, offset, earlier - offset);
    this.#change(threadId, (conversation) =>
      conversation.earlier === earlier
        ? {
            ...conversation,
            earlier: offset,
            messages: [...page.results.map(fromView), ...conversation.messages],
          }
        : conversation,
    );
  }

  /** Makes sure of a conversation that starts with its first message, about one knowledge base when given. */
  draft(kbId: string | undefined): void {
    const key = draftKey(kbId);
    if (this.#snapshot.conversations[key] || this.#snapshot.promoted[key] !== undefined) return;
    this.#put(this.#newConversation(key, kbId === undefined ? [] : [kbId]));
  }

  /** Takes note that the draft's thread is shown under its own address: the draft's key is free for a new one. */
  promotionSeen(key: string): void {
    const { [key]: _threadId, ...promoted } = this.#snapshot.promoted;
    this.#set({ promoted });
  }

  /** False when the conversation is busy or too much is waiting already; then nothing happened. */
  send(key: string, text: string): boolean {
    const conversation = this.#snapshot.conversations[key];
    const message = text.trim();
    if (!conversation || message === '' || this.#pending.size >= keptPending) return false;
    if (conversation.runId !== undefined || conversation.messages.some((each) => each.status === 'sending'))
      return false;
    const id = this.#newId();
    this.#put({
      ...conversation,
      messages: [
        ...conversation.messages,
        {
          key: id,
          id: undefined,
          role: 'user',
          text: message,
          status: 'sending',
          runId: undefined,
          tools: [],
          sources: [],
          createdAt: new Date(this.#now()).toISOString(),
        },
      ],
    });
    this.#pending.set(id, { key, text: message, sent: false });
    this.#transmit();
    return true;
  }

  /** For a refused question: sends it again. For an answer that did not end well: asks its question again. */
  retry(key: string, messageKey: string): boolean {
    const conversation = this.#snapshot.conversations[key];
    const index = conversation?.messages.findIndex((message) => message.key === messageKey) ?? -1;
    const message = conversation?.messages[index];
    if (!conversation || !message) return false;
    if (message.role === 'user') {
      if (message.status !== 'unsent' || conversation.runId !== undefined) return false;
      this.#put({ ...conversation, messages: conversation.messages.filter((each) => each !== message) });
      return this.send(key, message.text);
    }
    const question = conversation.messages.slice(0, index).findLast((each) => each.role === 'user');
    return question ? this.send(key, question.text) : false;
  }

  /** Stops the answer; without a line it is stopped as soon as there is one. */
  stop(key: string): void {
    const runId = this.#snapshot.conversations[key]?.runId;
    if (runId === undefined) return;
    this.#change(key, (conversation) => ({ ...conversation, stopping: true }));
    this.#stops.add(runId);
    this.#socket.send({ type: 'cancel_action', action_id: runId });
  }

  decide(key: string, runId: string, toolId: string, decision: 'approve' | 'reject'): void {
    if (!this.#socket.send({ type: 'tool_decision', call_id: toolId, decision })) return;
    this.#change(key, (conversation) =>
      changeMessage(conversation, isAnswerOf(runId), (answer) =>
        setTool(answer, toolId, decision === 'approve' ? 'running' : 'rejected'),
      ),
    );
  }

  renamed(thread: ThreadView): void {
    this.#change(thread.id, (conversation) => ({ ...conversation, title: thread.title }));
    this.#set({ threadsRevision: this.#snapshot.threadsRevision + 1 });
  }

  forget(threadId: string): void {
    const { [threadId]: _gone, ...conversations } = this.#snapshot.conversations;
    this.#set({ conversations, threadsRevision: this.#snapshot.threadsRevision + 1 });
  }

  dismissNotice(): void {
    this.#set({ notice: undefined });
  }

  // --- the line -----------------------------------------------------------------------------------------------------

  #onOnline(): void {
    for (const runId of this.#runs.keys()) this.#resume(runId);
    for (const runId of this.#stops) this.#socket.send({ type: 'cancel_action', action_id: runId });
    this.#transmit();
  }

  #transmit(): void {
    for (const [id, pending] of this.#pending) {
      if (pending.sent) continue;
      const conversation = this.#snapshot.conversations[pending.key];
      const threadId = conversation?.threadId;
      pending.sent = this.#socket.send({
        type: 'user_message',
        message: pending.text,
        client_message_id: id,
        ...(threadId === undefined ? {} : { thread_id: threadId }),
        ...(threadId === undefined && conversation && conversation.kbIds.length > 0
          ? { kb_ids: [...conversation.kbIds] }
          : {}),
      });
    }
    clearTimeout(this.#resendTimer);
    if (this.#pending.size === 0) return;
    this.#resendTimer = setTimeout(() => {
      for (const pending of this.#pending.values()) pending.sent = false;
      this.#transmit();
    }, this.#patienceMs);
  }

  /** Asks for what came after the last frame. One question at a time: a replay goes on into the live frames. */
  #resume(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    clearTimeout(run.resumeTimer);
    const after = run.lastSeq;
    this.#socket.send({ type: 'resume', run_id: runId, after });
    run.resumeTimer = setTimeout(() => {
      run.resumeTimer = undefined;
      if (run.lastSeq === after && this.#socket.state === 'online') void this.#verify(runId, run);
    }, this.#patienceMs);
  }

  /** A run of which nothing comes: the record tells whether it still lives. */
  async #verify(runId: string, run: Run): Promise<void> {
    if (this.#snapshot.mode === 'guest') return;
    const after = run.lastSeq;
    const thread = await this.#load(run.key);
    if (!thread || thread.active_run_id === runId) return;
    if (this.#runs.get(runId) === run && run.lastSeq === after) this.#endAsPartial(runId, run);
  }

  // --- frames -------------------------------------------------------------------------------------------------------

  #onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'auth_success':
        this.#set({ mode: frame.mode, remaining: frame.rate_limits?.remaining });
        return;
      case 'uiContext':
        this.#set({ ui: frame });
        return;
      case 'taskNotification':
        this.#set({ tasksRevision: this.#snapshot.tasksRevision + 1, lastTask: frame });
        return;
      default:
        if (frame.run_id !== undefined) this.#onRunFrame(frame, frame.run_id);
        else if (frame.type === 'error') this.#onLooseError(frame);
    }
  }

  #onRunFrame(frame: ServerFrame, runId: string): void {
    const isMine = frame.type === 'stateUpdate' && this.#settle(frame);
    if (this.#finished.has(runId)) return;
    const run = this.#runs.get(runId) ?? this.#meet(frame, runId, isMine);
    if (!run) return;
    if (frame.seq !== undefined) {
      if (frame.seq <= run.lastSeq) return;
      if (frame.seq > run.lastSeq + 1) {
        if (run.resumeTimer === undefined) this.#resume(runId);
        return;
      }
      run.lastSeq = frame.seq;
    }
    this.#change(run.key, (conversation) =>
      changeMessage(conversation, isAnswerOf(runId), (answer) => applyFrame(answer, frame)),
    );
    if (isEnd(frame)) this.#finish(runId);
  }

  /** The server names our message: it has arrived. True when it was waiting for that. */
  #settle(frame: StateUpdate): boolean {
    const { client_message_id: id, user_message_id: recordedId } = frame.metadata ?? {};
    const pending = typeof id === 'string' ? this.#pending.get(id) : undefined;
    if (typeof id !== 'string' || !pending) return false;
    this.#pending.delete(id);
    this.#promote(pending.key, frame.thread_id);
    this.#change(frame.thread_id, (conversation) =>
      settleQuestion(conversation, id, typeof recordedId === 'string' ? recordedId : undefined),
    );
    const remaining = this.#snapshot.remaining;
    if (remaining !== undefined) this.#set({ remaining: Math.max(0, remaining - 1) });
    return true;
  }

  /** A run's first frame. One of another device is shown where its thread is open, with the question that began it. */
  #meet(frame: ServerFrame, runId: string, isMine: boolean): Run | undefined {
    if (frame.type !== 'stateUpdate') return undefined;
    if (!this.#snapshot.conversations[frame.thread_id]) {
      this.#set({ threadsRevision: this.#snapshot.threadsRevision + 1 });
      return undefined;
    }
    const run = this.#track(runId, frame.thread_id);
    if (!isMine) void this.open(frame.thread_id);
    return run;
  }

  /** An error outside of a run; `details` name what it is about: a refused message, or a run that cannot be resumed. */
  #onLooseError(frame: Extract<ServerFrame, { type: 'error' }>): void {
    const problem = problemOf(frame);
    const { client_message_id: named, run_id: runId } = frame.details ?? {};
    const waiting = typeof runId === 'string' ? this.#runs.get(runId) : undefined;
    if (waiting && typeof runId === 'string') {
      this.#lose(runId);
      return;
    }
    const id = typeof named === 'string' ? named : undefined;
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id !== undefined && pending) {
      this.#pending.delete(id);
      this.#change(pending.key, (conversation) =>
        changeMessage(
          conversation,
          (message) => message.key === id,
          (message) => ({ ...message, status: 'unsent', problem }),
        ),
      );
      return;
    }
    this.#set({ notice: problem });
  }

  #lose(runId: string): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    this.#endAsPartial(runId, run);
    if (this.#snapshot.mode !== 'guest') void this.open(run.key);
  }

  #endAsPartial(runId: string, run: Run): void {
    this.#change(run.key, (conversation) =>
      changeMessage(conversation, isAnswerOf(runId), (answer) => ({ ...answer, status: 'partial' })),
    );
    this.#finish(runId);
  }

  #newConversation(key: string, kbIds: readonly string[] = []): Conversation {
    return newConversation(key, this.#newId(), kbIds);
  }

  #track(runId: string, key: string): Run {
    this.#epoch += 1;
    const run: Run = { key, lastSeq: 0, resumeTimer: undefined };
    this.#runs.set(runId, run);
    const at = new Date(this.#now()).toISOString();
    this.#change(key, (conversation) => beginAnswer(conversation, runId, at));
    return run;
  }

  #finish(runId: string): void {
    const run = this.#runs.get(runId);
    this.#epoch += 1;
    clearTimeout(run?.resumeTimer);
    this.#runs.delete(runId);
    this.#stops.delete(runId);
    this.#finished.add(runId);
    for (const oldest of this.#finished) {
      if (this.#finished.size <= keptFinishedRuns) break;
      this.#finished.delete(oldest);
    }
    if (run) {
      this.#change(run.key, (conversation) =>
        conversation.runId === runId ? { ...conversation, runId: undefined, stopping: false } : conversation,
      );
    }
    this.#set({ threadsRevision: this.#snapshot.threadsRevision + 1 });
  }

  // --- state --------------------------------------------------------------------------------------------------------

  #record(
    threadId: string,
    thread: ThreadView,
    messages: ReturnType<typeof fromView>[],
    earlier: number,
  ): void {
    const active = thread.active_run_id;
    const isNew = active !== null && !this.#runs.has(active) && !this.#finished.has(active);
    // The server knows of no run any more: what is still open here ended while nobody told us.
    for (const [runId, run] of this.#runs) {
      const ended = messages.some((message) => isAnswerOf(runId)(message) && message.status !== 'streaming');
      if (run.key === threadId && runId !== active && ended) this.#finish(runId);
    }
    const live = new Set(this.#runs.keys());
    if (isNew) live.add(active);
    const merged = mergeRecord(this.#snapshot.conversations[threadId] ?? this.#newConversation(threadId), {
      thread,
      messages,
      earlier,
      live,
    });
    this.#put(merged);
    if (isNew) {
      this.#track(active, threadId);
      this.#resume(active);
    }
  }

  #promote(key: string, threadId: string): void {
    const conversation = this.#snapshot.conversations[key];
    if (key === threadId || !conversation) return;
    const { [key]: _draft, ...others } = this.#snapshot.conversations;
    const first = conversation.messages[0]?.text.slice(0, 80) ?? '';
    this.#set({
      conversations: { ...others, [threadId]: { ...conversation, key: threadId, threadId, title: first } },
      promoted: { ...this.#snapshot.promoted, [key]: threadId },
      threadsRevision: this.#snapshot.threadsRevision + 1,
    });
  }

  #change(key: string, change: (conversation: Conversation) => Conversation): void {
    const conversation = this.#snapshot.conversations[key];
    if (conversation) this.#put(change(conversation));
  }

  /** The most recently changed conversations stay; busy ones always do. */
  #put(conversation: Conversation): void {
    const others: Record<string, Conversation> = { ...this.#snapshot.conversations };
    delete others[conversation.key];
    const idle = Object.values(others).filter(
      (each) => each.runId === undefined && !each.messages.some((message) => message.status === 'sending'),
    );
    for (const each of idle.slice(0, Math.max(0, Object.keys(others).length + 1 - keptConversations))) {
      delete others[each.key];
    }
    this.#set({ conversations: { ...others, [conversation.key]: conversation } });
  }

  #set(patch: Partial<ChatSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...patch };
    if (!this.#told) return;
    this.#told = false;
    this.#schedule(() => {
      this.#told = true;
      for (const listener of this.#listeners) listener();
    });
  }
}
