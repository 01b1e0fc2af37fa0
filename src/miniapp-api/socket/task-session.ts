// What a person does on /ws/tasks: sees their tasks and completes them. Nothing else is told here.
import type { ClientFrame } from '#shared/contracts/gateway-frames.ts';
import { taskQuery } from '#shared/contracts/workflows.ts';
import { AppError } from '#shared/errors.ts';
import { type PersonCaller, requirePerson } from '#shared/identity/caller.ts';
import { isUuid } from '../http/ids.ts';
import { parseInput } from '../http/parse.ts';
import { authSuccess, type SessionOptions, type SocketSession } from './socket-session.ts';
import { followTasks } from './task-feed.ts';
import { taskListFrame } from './task-frames.ts';

export class TaskSession implements SocketSession<ClientFrame> {
  readonly caller: PersonCaller;
  readonly #with: SessionOptions;
  #end: (() => Promise<void>) | undefined;
  #closed = false;

  /** Throws UPGRADE_REQUIRED for a guest. */
  constructor(options: SessionOptions) {
    this.#with = options;
    this.caller = requirePerson(options.caller);
  }

  async open(): Promise<void> {
    const { connection, services, logger } = this.#with;
    await this.greet();
    this.#end = await followTasks({
      feed: services.feed,
      workflows: services.workflows,
      caller: this.caller,
      send: (frame) => connection.send(frame),
      withForms: false,
      onChange: () => undefined,
      logger,
    });
    if (this.#closed) await this.#end();
    else await this.#list({});
  }

  async greet(): Promise<void> {
    const { connection, services } = this.#with;
    await connection.send(await authSuccess(this.caller, services.guests));
  }

  async handle(frame: ClientFrame): Promise<void> {
    const { services, connection, rateLimits } = this.#with;
    await rateLimits.take('objects', this.caller, connection.address);
    if (frame.type === 'command' && frame.command === 'tasks') {
      await this.#list(frame.args);
      return;
    }
    if (frame.type !== 'form_submit') {
      throw AppError.validation([{ path: 'type', message: 'expected a frame about tasks' }]);
    }
    if (!isUuid(frame.form_id)) throw AppError.notFound('task');
    await services.workflows.complete(this.caller, frame.form_id, {
      values: frame.values,
      action: frame.action,
    });
  }

  setMode(): void {
    // Nothing is streamed here.
  }

  async idle(): Promise<void> {
    // Nothing that began here goes on.
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end?.();
  }

  async #list(args: Readonly<Record<string, unknown>>): Promise<void> {
    const { filter, ...page } = parseInput(taskQuery, args, 'args');
    const tasks = await this.#with.services.workflows.tasks(this.caller, filter, page);
    await this.#with.connection.send(taskListFrame(tasks, filter, this.caller.language));
  }
}
