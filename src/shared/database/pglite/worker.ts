// The thread that PGlite lives in, so that a query never blocks the event loop of the application.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { type Seat, SessionArbiter } from './session-arbiter.ts';
import { startParameters } from './start-parameters.ts';
import { describeFailure, type ThreadFailure } from './thread-failure.ts';
import { queryMessage } from './wire.ts';
import { createWireServer, SHOWN_PARAMETERS } from './wire-server.ts';

/** What the thread is started with. */
export interface WorkerOptions {
  /** The cluster's folder; in memory when undefined. */
  folder: string | undefined;
  /** Unpacked into memory when there is no folder. */
  template: Uint8Array<ArrayBuffer> | undefined;
  socketPath: string;
  idleInTransactionMs: number;
  checkpointMs: number;
  vacuumMs: number;
}

/** What the thread reports. It ends itself after `dead`. */
export type WorkerReport = { status: 'ready' } | { status: 'pong' } | ThreadFailure;

/** What the thread is told. */
export type WorkerOrder = 'ping' | 'close';

async function run(port: MessagePort, options: WorkerOptions): Promise<void> {
  const report = (value: WorkerReport): void => port.postMessage(value);
  const database = await PGlite.create({
    ...(options.folder === undefined ? {} : { dataDir: options.folder }),
    ...(options.template === undefined ? {} : { loadDataDir: new Blob([options.template]) }),
    startParams: startParameters(),
  });
  const parameters: Record<string, string> = {};
  for (const name of SHOWN_PARAMETERS) {
    const { rows } = await database.query<{ value: string }>('select current_setting($1) as value', [name]);
    parameters[name] = rows[0]?.value ?? '';
  }

  let written = false;
  const arbiter = new SessionArbiter({
    execute: (batch) => {
      written = true;
      return database.execProtocolRaw(batch);
    },
    onDead(error) {
      report(describeFailure(error));
      // The farewells to the clients are still to be flushed.
      setTimeout(() => process.exit(1), 50);
    },
    idleInTransactionMs: options.idleInTransactionMs,
  });

  // PGlite has neither a checkpointer nor autovacuum. They queue like any client.
  const housekeeping: Seat = arbiter.join({ write: () => true, end: () => undefined });
  setInterval(() => {
    if (written) housekeeping.submit({ bytes: queryMessage('checkpoint'), complete: true });
    written = false;
  }, options.checkpointMs).unref();
  setInterval(() => {
    housekeeping.submit({ bytes: queryMessage('vacuum (analyze)'), complete: true });
  }, options.vacuumMs).unref();

  const server = createWireServer(arbiter, parameters);
  server.on('error', (error) => {
    report(describeFailure(error));
    process.exit(1);
  });
  server.listen(options.socketPath, () => report({ status: 'ready' }));

  port.on('message', (order: WorkerOrder) => {
    if (order === 'ping') {
      report({ status: 'pong' });
      return;
    }
    server.close();
    void arbiter
      .idle()
      .then(() => database.close())
      .finally(() => process.exit(0));
  });
}

if (parentPort) {
  const port = parentPort;
  run(port, workerData as WorkerOptions).catch((error: unknown) => {
    port.postMessage(describeFailure(error));
    process.exit(1);
  });
}
