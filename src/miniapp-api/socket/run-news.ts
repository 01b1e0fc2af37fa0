// Tells all sockets of a caller, on whichever instance, that a run began, so that every device shows the same.
import { z } from 'zod';
import type { StartedRun } from '#shared/conversations/run.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';

const news = z.object({
  run_id: z.string(),
  thread_id: z.string(),
  message_id: z.string(),
});

export type RunBegan = z.infer<typeof news>;

export interface RunNews {
  /** Never rejects: other devices find the run in the thread's record, too. */
  tell(caller: Caller, run: StartedRun): Promise<void>;
  /** Answers what ends the listening. */
  listen(caller: Caller, listener: (run: RunBegan) => void): Promise<() => Promise<void>>;
}

export function createRunNews(store: SessionStore, logger: Logger): RunNews {
  return {
    tell: async (caller, run) => {
      const message: RunBegan = {
        run_id: run.runId,
        thread_id: run.threadId,
        message_id: run.assistantMessageId,
      };
      try {
        await store.publish(channelOf(caller), JSON.stringify(message));
      } catch (error) {
        logger.warn({ error, run_id: run.runId }, 'other devices were not told of a run');
      }
    },
    listen: (caller, listener) =>
      store.subscribe(channelOf(caller), (message) => {
        const parsed = news.safeParse(JSON.parse(message));
        if (parsed.success) listener(parsed.data);
      }),
  };
}

function channelOf(caller: Caller): string {
  if (caller.kind === 'anonymous') throw new Error('Strangers have no runs');
  return `caller:${caller.kind === 'guest' ? caller.guestId : caller.personId}`;
}
