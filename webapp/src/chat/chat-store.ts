// All conversations of the app, fed by the socket and the REST record. Rules that hold here:
// a frame of a run counts once and in order of `seq`; a message is sent until the server has bound a run to it, always
// under the same client_message_id, so that it is answered once; a run under way is resumed after every reconnect.
import type { ServerFrame } from '../../../src/shared/contracts/gateway-frames.ts';
import type { ThreadView } from '../../../src/shared/contracts/threads.ts';
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
import { Outbox } from './outbox.ts';
import { RunOrder } from './run-order.ts';
import type { ChatSocket, LineState } from './socket.ts';
import { readEarlier, readThread, type ThreadApi } from './thread-record.ts';

type UiContext = Extract<ServerFrame, { type: 'uiContext' }>;
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

const keptConversations = 20;

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
  readonly #listeners = new Set<() => void>();
  readonly #outbox: Outbox;
  readonly #runs: RunOrder;
  readonly #stops = new Set<string>();
  /** Grows when an answer begins or ends. */
  #epoch = 0;
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
    const patienceMs = options.patienceMs ?? 20_000;
    this.#outbox = new Outbox({
      send: (frame) => this.#socket.send(frame),
      target: (key) => this.#snapshot.conversations[key] ?? { threadId: undefined, kbIds: [] },
      patienceMs,
    });
    this.#runs = new RunOrder({
      askAfter: (runId, after) => this.#socket.send({ type: 'resume', run_id: runId, after }),
      onSilence: (runId) => void this.#verify(runId),
      patienceMs,
    });
    this.#socket.onFrame = (frame) => this.#onFrame(frame);
    this.#socket.onState = (line) => {
      this.#set({ line });
      if (line === 'online') this.#onOnline();
      else this.#outbox.lineBroke();
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
    this.#outbox.close();
    this.#runs.close();
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
        const { thread, messages, earlier } = await readThread(this.#api, threadId);
        // An answer began or ended while this was on its way: the record is older than what is shown.
        if (epoch !== this.#epoch) continue;
        this.#record(threadId, thread, messages.map(fromView), earlier);
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
    const before = this.#snapshot.conversations[threadId]?.earlier ?? 0;
    if (before === 0) return;
    const { messages, earlier } = await readEarlier(this.#api, threadId, before);
    this.#change(threadId, (conversation) =>
      conversation.earlier === before
        ? { ...conversation, earlier, messages: [...messages.map(fromView), ...conversation.messages] }
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

  /** What a conversation is about; only before its first message. */
  setScope(key: string, kbIds: readonly string[]): void {
    this.#change(key, (conversation) =>
      conversation.threadId === undefined && conversation.messages.length === 0
        ? { ...conversation, kbIds }
        : conversation,
    );
  }

  /** False when the conversation is busy or too much is waiting already; then nothing happened. */
  send(key: string, text: string): boolean {
    const conversation = this.#snapshot.conversations[key];
    const message = text.trim();
    if (!conversation || message === '' || this.#outbox.isFull) return false;
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
    this.#outbox.add(id, key, message);
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
    for (const runId of this.#runs.live()) this.#runs.resume(runId);
    for (const runId of this.#stops) this.#socket.send({ type: 'cancel_action', action_id: runId });
    this.#outbox.transmit();
  }

  /** A run of which nothing comes: the record tells whether it still lives. */
  async #verify(runId: string): Promise<void> {
    const key = this.#runs.keyOf(runId);
    if (key === undefined || this.#socket.state !== 'online' || this.#snapshot.mode === 'guest') return;
    const after = this.#runs.lastSeq(runId);
    const thread = await this.#load(key);
    if (!thread || thread.active_run_id === runId || this.#runs.isFinished(runId)) return;
    if (this.#runs.lastSeq(runId) === after) this.#endAsPartial(runId, key);
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
    if (this.#runs.isFinished(runId)) return;
    const key = this.#runs.keyOf(runId) ?? this.#meet(frame, runId, isMine);
    if (key === undefined || !this.#runs.takes(runId, frame.seq)) return;
    this.#change(key, (conversation) =>
      changeMessage(conversation, isAnswerOf(runId), (answer) => applyFrame(answer, frame)),
    );
    if (isEnd(frame)) this.#finish(runId);
  }

  /** The server names our message: it has arrived. True when it was waiting for that. */
  #settle(frame: StateUpdate): boolean {
    const { client_message_id: id, user_message_id: recordedId } = frame.metadata ?? {};
    const key = typeof id === 'string' ? this.#outbox.take(id) : undefined;
    if (typeof id !== 'string' || key === undefined) return false;
    this.#promote(key, frame.thread_id);
    this.#change(frame.thread_id, (conversation) =>
      settleQuestion(conversation, id, typeof recordedId === 'string' ? recordedId : undefined),
    );
    const remaining = this.#snapshot.remaining;
    if (remaining !== undefined) this.#set({ remaining: Math.max(0, remaining - 1) });
    return true;
  }

  /** A run's first frame. One of another device is shown where its thread is open, with the question that began it. */
  #meet(frame: ServerFrame, runId: string, isMine: boolean): string | undefined {
    if (frame.type !== 'stateUpdate') return undefined;
    if (!this.#snapshot.conversations[frame.thread_id]) {
      this.#set({ threadsRevision: this.#snapshot.threadsRevision + 1 });
      return undefined;
    }
    this.#track(runId, frame.thread_id);
    if (!isMine) void this.open(frame.thread_id);
    return frame.thread_id;
  }

  /** An error outside of a run; `details` name what it is about: a refused message, or a run that cannot be resumed. */
  #onLooseError(frame: Extract<ServerFrame, { type: 'error' }>): void {
    const problem = problemOf(frame);
    const { client_message_id: id, run_id: runId } = frame.details ?? {};
    const answering = typeof runId === 'string' ? this.#runs.keyOf(runId) : undefined;
    const asked = typeof id === 'string' ? this.#outbox.take(id) : undefined;
    if (typeof runId === 'string' && answering !== undefined) {
      this.#endAsPartial(runId, answering);
      if (this.#snapshot.mode !== 'guest') void this.open(answering);
    } else if (asked !== undefined) {
      this.#change(asked, (conversation) =>
        changeMessage(
          conversation,
          (message) => message.key === id,
          (message) => ({ ...message, status: 'unsent', problem }),
        ),
      );
    } else this.#set({ notice: problem });
  }

  #endAsPartial(runId: string, key: string): void {
    this.#change(key, (conversation) =>
      changeMessage(conversation, isAnswerOf(runId), (answer) => ({ ...answer, status: 'partial' })),
    );
    this.#finish(runId);
  }

  #newConversation(key: string, kbIds: readonly string[] = []): Conversation {
    return newConversation(key, this.#newId(), kbIds);
  }

  #track(runId: string, key: string): void {
    this.#epoch += 1;
    this.#runs.begin(runId, key);
    const at = new Date(this.#now()).toISOString();
    this.#change(key, (conversation) => beginAnswer(conversation, runId, at));
  }

  #finish(runId: string): void {
    const key = this.#runs.keyOf(runId);
    this.#epoch += 1;
    this.#runs.finish(runId);
    this.#stops.delete(runId);
    if (key !== undefined) {
      this.#change(key, (conversation) =>
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
    const isNew = active !== null && this.#runs.keyOf(active) === undefined && !this.#runs.isFinished(active);
    // The server knows of no run any more: what is still open here ended while nobody told us.
    for (const runId of this.#runs.live(threadId)) {
      const ended = messages.some((message) => isAnswerOf(runId)(message) && message.status !== 'streaming');
      if (runId !== active && ended) this.#finish(runId);
    }
    const live = new Set(this.#runs.live());
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
      this.#runs.resume(active);
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
