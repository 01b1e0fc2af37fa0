import { newId } from '#shared/database/id.ts';
import type { Threads } from '#shared/services.ts';
import type { AnswerRequest, StopRequest } from '../answers/answer-desk.ts';
import type { Answers } from '../handler-deps.ts';

/** Notes what is asked; the conversations are real. Like the desk, it takes an update once. */
export class FakeAnswers implements Answers {
  readonly asked: AnswerRequest[] = [];
  readonly stops: StopRequest[] = [];
  readonly retries: { handle: string; personId: string }[] = [];
  stopOutcome: 'stopped' | 'nothing' | 'not_yours' = 'stopped';
  retryOutcome: 'started' | 'nothing' | 'not_yours' = 'started';
  readonly #threads: Pick<Threads, 'create' | 'ofGroup'>;
  readonly #known = new Map<number, { runId: string; threadId: string }>();

  constructor(threads: Pick<Threads, 'create' | 'ofGroup'>) {
    this.#threads = threads;
  }

  get last(): AnswerRequest {
    const request = this.asked.at(-1);
    if (!request) throw new Error('Nothing was asked');
    return request;
  }

  async ask(request: AnswerRequest): Promise<{ runId: string; threadId: string }> {
    const known = this.#known.get(request.updateId);
    if (known) return known;
    this.asked.push(request);
    const answer = { runId: newId(), threadId: await this.#threadOf(request) };
    this.#known.set(request.updateId, answer);
    return answer;
  }

  async stop(where: StopRequest): Promise<'stopped' | 'nothing' | 'not_yours'> {
    this.stops.push(where);
    return this.stopOutcome;
  }

  async retry(handle: string, personId: string): Promise<'started' | 'nothing' | 'not_yours'> {
    this.retries.push({ handle, personId });
    return this.retryOutcome;
  }

  async #threadOf({ thread, caller, text }: AnswerRequest): Promise<string> {
    if (thread.kind === 'group') return (await this.#threads.ofGroup(thread.groupId, thread.topicId)).id;
    return thread.threadId ?? (await this.#threads.create(caller, { title: text.slice(0, 40) })).id;
  }
}
