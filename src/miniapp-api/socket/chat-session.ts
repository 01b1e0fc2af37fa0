// What one caller does on /ws/chat.
import type { ClientFrame } from '#shared/contracts/gateway-frames.ts';
import { AppError } from '#shared/errors.ts';
import { type Caller, requirePermission, requirePerson } from '#shared/identity/caller.ts';
import { type CommandResult, runCommand } from '../gateway/commands.ts';
import { contentOf, type ModeId, uiContext } from '../gateway/ui-context.ts';
import { isUuid } from '../http/ids.ts';
import { catalogFrame } from './catalog-frame.ts';
import { RunFollower } from './run-follower.ts';
import { authSuccess, type SessionOptions, type SocketSession, type StreamMode } from './socket-session.ts';
import { followTasks } from './task-feed.ts';
import { taskListFrame } from './task-frames.ts';

type Frame<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>;

const modeOfCommand: Record<CommandResult['command'], ModeId> = {
  start: 'chat',
  chat: 'chat',
  catalog: 'catalog',
  search: 'search',
  tasks: 'tasks',
  profile: 'profile',
  groups: 'groups',
};

export class ChatSession implements SocketSession<ClientFrame> {
  readonly caller: Caller;
  readonly #with: SessionOptions;
  readonly #follower: RunFollower;
  readonly #greeted = Promise.withResolvers<void>();
  readonly #endings: (() => Promise<void>)[] = [];
  #threadId: string | undefined;
  #mode: ModeId = 'chat';
  #shown: string | undefined;
  #refreshing = false;
  #refreshWanted = false;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#with = options;
    this.caller = options.caller;
    this.#follower = new RunFollower({
      runs: options.services.runs,
      caller: options.caller,
      connection: options.connection,
      emojiOf: options.emojiOf,
      onEnd: () => this.#refresh(),
    });
  }

  async open(): Promise<void> {
    const { connection, services, news, logger } = this.#with;
    const { caller } = this;
    // Listens before it says hello, so that nothing is missed after it; what is heard meanwhile waits.
    await this.#until(
      news.listen(caller, (run) => {
        void this.#greeted.promise.then(() =>
          this.#follower.begin({
            runId: run.run_id,
            threadId: run.thread_id,
            messageId: run.message_id,
            after: 0,
            metadata: { message_id: run.message_id },
          }),
        );
      }),
    );
    if (caller.kind === 'person') {
      await this.#until(
        followTasks({
          feed: services.feed,
          workflows: services.workflows,
          caller,
          send: async (frame) => {
            await this.#greeted.promise;
            await connection.send(frame);
          },
          withForms: true,
          onChange: () => this.#refresh(),
          logger,
        }),
      );
    }
    await this.greet();
    this.#greeted.resolve();
    this.#refresh();
  }

  async greet(): Promise<void> {
    const { connection, services } = this.#with;
    await connection.send(await authSuccess(this.caller, services.guests));
  }

  setMode(mode: StreamMode): void {
    this.#follower.mode = mode;
  }

  idle(): Promise<void> {
    return this.#follower.idle();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#follower.close();
    await Promise.all(this.#endings.map((end) => end()));
  }

  async handle(frame: ClientFrame): Promise<void> {
    switch (frame.type) {
      case 'user_message':
        return this.#ask(frame);
      case 'cancel_action':
        return this.#cancel(frame);
      case 'resume':
        this.#follower.resume({ runId: frame.run_id, after: frame.after });
        return;
      case 'thread_switch':
        return this.#switchThread(frame);
      case 'search_kb':
        return this.#search(frame);
      case 'command':
        return this.#command(frame);
      case 'form_submit':
        return this.#submit(frame);
      case 'tool_decision':
        requirePermission(this.caller, 'chat:threads');
        throw AppError.notFound('tool call');
      case 'auth':
      case 'ping':
        // Answered before anybody is here.
        return;
    }
  }

  async #ask(frame: Frame<'user_message'>): Promise<void> {
    const { services, rateLimits, connection, news } = this.#with;
    if (frame.attachments !== undefined && frame.attachments.length > 0) {
      throw AppError.validation([{ path: 'attachments', message: 'files cannot be sent with a message' }]);
    }
    await rateLimits.take('chat', this.caller, connection.address);
    const started = await services.runs.start({
      caller: this.caller,
      text: frame.message,
      threadId: frame.thread_id ?? this.#threadId,
      agentId: frame.agent_id,
      kbIds: frame.kb_ids,
      clientMessageId: frame.client_message_id,
    });
    const { client_message_id } = frame;
    const following = {
      runId: started.runId,
      threadId: started.threadId,
      messageId: started.assistantMessageId,
      after: 0,
      metadata: {
        message_id: started.assistantMessageId,
        user_message_id: started.userMessageId,
        ...(client_message_id === undefined ? {} : { client_message_id }),
      },
    };
    // A client that sends a message again did not hear of its run: it gets all of it again.
    if (started.status === 'duplicate') this.#follower.resume(following);
    else this.#follower.begin(following);
    if (started.status === 'started') await news.tell(this.caller, started);
  }

  async #cancel({ action_id }: Frame<'cancel_action'>): Promise<void> {
    if (!isUuid(action_id)) throw AppError.notFound('answer');
    await this.#with.services.runs.cancel(this.caller, action_id);
  }

  async #switchThread({ thread_id }: Frame<'thread_switch'>): Promise<void> {
    requirePermission(this.caller, 'chat:threads');
    const { services, connection, rateLimits } = this.#with;
    await rateLimits.take('objects', this.caller, connection.address);
    const thread = await services.threads.get(this.caller, thread_id);
    this.#threadId = thread.id;
    await connection.send({
      type: 'stateUpdate',
      status: 'waiting',
      thread_id: thread.id,
      metadata: { title: thread.title, active_run_id: thread.active_run_id },
    });
  }

  async #search({ type: _type, ...request }: Frame<'search_kb'>): Promise<void> {
    const { services, connection, rateLimits } = this.#with;
    requirePermission(this.caller, 'search:public_kb');
    await rateLimits.take('search', this.caller, connection.address);
    const answer = await services.search.search(this.caller, request);
    await connection.send({ type: 'searchResult', ...answer });
  }

  async #command({ command, args }: Frame<'command'>): Promise<void> {
    const { services, connection, rateLimits } = this.#with;
    await rateLimits.take('commands', this.caller, connection.address);
    const done = await runCommand(services, this.caller, command, args);
    await this.#showResult(done, args);
    this.#mode = modeOfCommand[done.command];
    this.#shown = undefined;
    this.#refresh();
  }

  /** Some results have a frame of their own; then `commandResult` only says that it is there. */
  async #showResult(done: CommandResult, args: Readonly<Record<string, unknown>>): Promise<void> {
    const { services, connection } = this.#with;
    const { command } = done;
    switch (done.command) {
      case 'tasks': {
        const source = typeof args['filter'] === 'string' ? args['filter'] : 'inbox';
        await connection.send(taskListFrame(done.result, source, this.caller.language));
        await connection.send({ type: 'commandResult', command, result: { total: done.result.total } });
        return;
      }
      case 'catalog':
        await connection.send(await catalogFrame(services.catalog, this.caller, done.result));
        await connection.send({ type: 'commandResult', command, result: { total: done.result.total } });
        return;
      case 'search':
        await connection.send({ type: 'searchResult', ...done.result });
        await connection.send({ type: 'commandResult', command, result: { total: done.result.total } });
        return;
      case 'chat':
        this.#threadId = done.result.thread.id;
        await connection.send({ type: 'commandResult', command, result: done.result });
        return;
      case 'start':
      case 'profile':
      case 'groups':
        await connection.send({ type: 'commandResult', command, result: done.result });
    }
  }

  async #submit({ form_id, values, action }: Frame<'form_submit'>): Promise<void> {
    requirePermission(this.caller, 'complete:tasks');
    const { services, connection, rateLimits } = this.#with;
    await rateLimits.take('objects', this.caller, connection.address);
    if (!isUuid(form_id)) throw AppError.notFound('task');
    const task = await services.workflows.complete(requirePerson(this.caller), form_id, { values, action });
    await connection.send({ type: 'commandResult', command: 'form_submit', result: { form_id, task } });
    this.#refresh();
  }

  /** Sends the context when it shows something else than the client has. One at a time, so that the last one is true. */
  #refresh(): void {
    this.#refreshWanted = true;
    if (this.#refreshing) return;
    this.#refreshing = true;
    void this.#refreshWhileWanted().finally(() => {
      this.#refreshing = false;
    });
  }

  async #refreshWhileWanted(): Promise<void> {
    const { services, connection, logger } = this.#with;
    while (this.#refreshWanted && !this.#closed && connection.isOpen) {
      this.#refreshWanted = false;
      try {
        const context = await uiContext(services, this.caller, this.#mode);
        const content = contentOf(context);
        if (content === this.#shown) continue;
        this.#shown = content;
        await connection.send(context);
      } catch (error) {
        logger.warn({ error }, 'the context of a socket could not be made');
      }
    }
  }

  /** Keeps what ends a subscription; ends it at once when the socket is gone by the time that it stands. */
  async #until(subscribing: Promise<() => Promise<void>>): Promise<void> {
    const end = await subscribing;
    if (this.#closed) await end();
    else this.#endings.push(end);
  }
}
