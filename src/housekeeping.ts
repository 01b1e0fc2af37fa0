// What must be done from time to time by one process of all: each job runs under a lease in the session store.
import type { Logger } from './shared/observability/logger.ts';
import type { SessionStore } from './shared/session-store/session-store.ts';

export interface Job {
  name: string;
  /** Milliseconds. */
  everyMs: number;
  run: () => Promise<unknown>;
}

/** Starts the jobs and answers the function that stops them. A job that fails is tried again at its next time. */
export function startHousekeeping(jobs: readonly Job[], store: SessionStore, logger: Logger): () => void {
  const timers = jobs.map((job) => {
    const tick = async () => {
      try {
        // Not released: the lease keeps the others from doing the same work until it is due again.
        if (await store.lock(`job:${job.name}`, job.everyMs * 0.9)) await job.run();
      } catch (error) {
        logger.warn({ error, job: job.name }, 'housekeeping failed');
      }
    };
    const timer = setInterval(() => void tick(), job.everyMs);
    timer.unref();
    return timer;
  });
  return () => timers.forEach(clearInterval);
}
