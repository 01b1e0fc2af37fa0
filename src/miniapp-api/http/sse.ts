import type { ServerResponse } from 'node:http';
import type { ApiContext } from './context.ts';

export interface EventStream {
  /** Aborted when the client goes away, and when the process stops. */
  readonly signal: AbortSignal;
  /** Resolves when the client can take more: awaiting it is the backpressure. `data` must be one line. */
  send(event: { id?: string; data: string }): Promise<void>;
  end(): void;
}

/**
 * Turns the answer into server-sent events. Lines end with LF alone, because clients split on it. Koa does not touch
 * the answer any more (`ctx.respond = false` is also measurably faster than a stream body).
 * @param options.stop ends the stream from our side
 */
export function openEventStream(
  ctx: ApiContext,
  options: { heartbeatMs: number; stop: AbortSignal },
): EventStream {
  const { res } = ctx;
  const controller = new AbortController();
  const finish = () => controller.abort();
  ctx.respond = false;
  // Koa presets 404.
  res.statusCode = 200;
  res.setHeader('Content-Type', 'text/event-stream');
  res.setHeader('Cache-Control', 'no-cache, no-transform');
  res.setHeader('X-Accel-Buffering', 'no');
  res.flushHeaders();
  res.socket?.setNoDelay(true);

  const heartbeat = setInterval(() => {
    // One that waits already proves that the line is in use.
    if (!res.writableNeedDrain) res.write(': heartbeat\n\n');
  }, options.heartbeatMs);
  res.once('close', finish);
  res.on('error', finish);
  options.stop.addEventListener('abort', finish, { once: true });
  controller.signal.addEventListener(
    'abort',
    () => {
      clearInterval(heartbeat);
      options.stop.removeEventListener('abort', finish);
    },
    { once: true },
  );
  if (options.stop.aborted || res.destroyed) finish();

  return {
    signal: controller.signal,
    send: async ({ id, data }) => {
      if (controller.signal.aborted) return;
      const taken = res.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
      if (!taken) await drained(res, controller.signal);
    },
    end: () => {
      finish();
      res.end();
    },
  };
}

function drained(res: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    res.on('drain', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
