import { AsyncLocalStorage } from 'node:async_hooks';

/** What a log line says about where it belongs. */
export interface LogContext {
  request_id?: string;
  run_id?: string;
  update_id?: number;
}

const storage = new AsyncLocalStorage<LogContext>();

/** Everything logged while `work` runs, and by what it starts, carries these ids. */
export function withLogContext<T>(context: LogContext, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...context }, work);
}

export function logContext(): LogContext {
  return storage.getStore() ?? {};
}
