// All that is written about runs and their messages: the start, the checkpoints, the end. Nobody else writes there.
import type { ConversationMessage } from '../agents/agent.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { AppError } from '../errors.ts';
import type { Answer } from './answer.ts';
import {
  type Message,
  MessageEntity,
  type Run,
  RunEntity,
  type RunStatus,
  type RunUsage,
  type Thread,
  ThreadEntity,
} from './entities.ts';

/** Messages of the conversation that an agent gets to read, the question included. */
const historyLength = 40;

export interface BeginRun {
  thread: Thread;
  runId: string;
  agentId: string;
  text: string;
  authorId: string | null;
  clientKey: string | null;
  instanceId: string;
}

export interface EndRun {
  status: Exclude<RunStatus, 'running'>;
  answer: Answer;
  errorCode: string | null;
  usage: RunUsage | null;
}

export class RunRecords {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Question, empty answer and run in one transaction. With a `clientKey` that was used before nothing is written
   * and the earlier run is the answer.
   */
  async begin(input: BeginRun): Promise<{ status: 'started' | 'duplicate'; run: Run }> {
    return this.#db.transaction(async (em) => {
      const now = new Date();
      const run: Run = {
        id: input.runId,
        threadId: input.thread.id,
        agentId: input.agentId,
        status: 'running',
        clientKey: input.clientKey,
        userMessageId: newId(),
        assistantMessageId: newId(),
        instanceId: input.instanceId,
        errorCode: null,
        usage: null,
        startedAt: now,
        endedAt: null,
      };
      // Whichever unique key is hit, the id's or the client's: of several starts at once one writes, and the others
      // wait for its commit and then find it.
      const written = await this.#db.query(
        `insert into runs (id, thread_id, agent_id, status, client_key, user_message_id, assistant_message_id,
           instance_id, started_at)
         values ($1, $2, $3, 'running', $4, $5, $6, $7, $8) on conflict do nothing returning id`,
        [
          run.id,
          run.threadId,
          run.agentId,
          run.clientKey,
          run.userMessageId,
          run.assistantMessageId,
          run.instanceId,
          now,
        ],
      );
      if (written.length === 0) {
        const earlier = await em.findOne(
          RunEntity,
          run.clientKey === null ? { id: run.id } : { clientKey: run.clientKey },
        );
        // A client's key names its owner; an id that a client chose says nothing about who chose it before.
        if (!earlier || (run.clientKey === null && earlier.threadId !== run.threadId)) {
          throw AppError.notFound('answer');
        }
        return { status: 'duplicate', run: earlier };
      }
      // The row lock of this update makes the sequence dense, whoever writes at the same time.
      const [counted] = await this.#db.query<{ message_count: number }>(
        `update threads set message_count = message_count + 2, updated_at = $2, title = case when title = '' then $3 else title end
         where id = $1 returning message_count`,
        [input.thread.id, now, titleOf(input.text)],
      );
      const last = counted?.message_count ?? 2;
      const common = { threadId: input.thread.id, runId: run.id, sources: [], tools: [], createdAt: now };
      await em.insertMany(MessageEntity, [
        {
          ...common,
          id: run.userMessageId,
          seq: last - 1,
          role: 'user',
          content: input.text,
          status: 'complete',
          authorId: input.authorId,
        },
        {
          ...common,
          id: run.assistantMessageId,
          seq: last,
          role: 'assistant',
          content: '',
          status: 'streaming',
          authorId: null,
        },
      ]);
      return { status: 'started', run };
    });
  }

  /** Keeps what was said so far, so that it survives the process. */
  async checkpoint(run: Run, answer: Answer): Promise<void> {
    await this.#db.em.nativeUpdate(
      MessageEntity,
      { id: run.assistantMessageId, status: 'streaming' },
      { content: answer.content, sources: answer.sources, tools: answer.tools },
    );
  }

  /** Ends the run. False when it had been ended before, for example as interrupted by another instance. */
  async end(run: Run, input: EndRun): Promise<boolean> {
    return this.#db.transaction(async (em) => {
      const now = new Date();
      const ended = await em.nativeUpdate(
        RunEntity,
        { id: run.id, status: 'running' },
        { status: input.status, errorCode: input.errorCode, usage: input.usage, endedAt: now },
      );
      if (ended === 0) return false;
      const { content, sources, tools } = input.answer;
      await em.nativeUpdate(
        MessageEntity,
        { id: run.assistantMessageId },
        { status: input.status, content, sources, tools },
      );
      await em.nativeUpdate(ThreadEntity, { id: run.threadId }, { updatedAt: now });
      return true;
    });
  }

  /** Ends a run whose process is gone: what it had said stays, marked as partial. */
  async interrupt(run: Run): Promise<boolean> {
    return this.#db.transaction(async (em) => {
      const ended = await em.nativeUpdate(
        RunEntity,
        { id: run.id, status: 'running' },
        { status: 'partial', errorCode: 'INTERRUPTED', endedAt: new Date() },
      );
      if (ended === 0) return false;
      await em.nativeUpdate(MessageEntity, { id: run.assistantMessageId }, { status: 'partial' });
      return true;
    });
  }

  /** The conversation up to and with the run's question, oldest first; empty and running answers left out. */
  async history(run: Run, names: (ids: readonly string[]) => Promise<Map<string, string>>) {
    const em = this.#db.em;
    const question = await em.findOneOrFail(MessageEntity, { id: run.userMessageId });
    const messages = await em.find(
      MessageEntity,
      {
        threadId: run.threadId,
        seq: { $lte: question.seq },
        status: { $ne: 'streaming' },
        content: { $ne: '' },
      },
      { orderBy: { seq: 'desc' }, limit: historyLength },
    );
    const authors = await names(messages.flatMap((message) => message.authorId ?? []));
    return messages.toReversed().map((message): ConversationMessage => {
      const author = message.authorId ? authors.get(message.authorId) : undefined;
      return { role: message.role, content: message.content, ...(author ? { author } : {}) };
    });
  }

  async find(runOrMessageId: string): Promise<Run | undefined> {
    const run = await this.#db.em.findOne(RunEntity, {
      $or: [{ id: runOrMessageId }, { assistantMessageId: runOrMessageId }],
    });
    return run ?? undefined;
  }

  /** What was recorded as the run's answer so far. */
  async answerOf(run: Run): Promise<Message | undefined> {
    return (await this.#db.em.findOne(MessageEntity, { id: run.assistantMessageId })) ?? undefined;
  }

  running(): Promise<Run[]> {
    return this.#db.em.find(RunEntity, { status: 'running' });
  }

  /** Questions that a person asked; for the profile. */
  countOf(personId: string): Promise<number> {
    return this.#db.em.count(MessageEntity, { authorId: personId, role: 'user' });
  }
}

function titleOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= 60) return line;
  const cut = line.slice(0, 60);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), 30)).trimEnd()}…`;
}
