import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DatabaseError, folderError } from '../database-error.ts';
import type { DatabaseLogger } from '../database-logger.ts';
import { FolderLock } from './folder-lock.ts';
import type { PrepareOptions, PrepareReport } from './prepare-cluster.ts';
import { cachedTemplate } from './template.ts';
import { failureError, type ThreadFailure } from './thread-failure.ts';
import type { WorkerOptions, WorkerOrder, WorkerReport } from './worker.ts';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, with the terminating zero. */
const MAX_SOCKET_PATH = 103;
const SOCKET_NAME = '.s.PGSQL.5432';
const START_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 10_000;
const RESTART_DELAYS_MS = [100, 500, 2_000, 5_000];

export interface EmbeddedServerOptions {
  /** The DATA_DIR; undefined keeps everything in memory. */
  dataDir: string | undefined;
  logger: DatabaseLogger;
  /** @default 60 s */
  idleInTransactionMs?: number;
  /** @default the usual cache */
  templateFile?: string;
}

/** PGlite in a thread of its own, reachable like a PostgreSQL server through a unix socket. */
export class EmbeddedServer {
  /** The folder of the socket; what PostgreSQL clients call `host`. */
  readonly host: string;
  readonly #options: EmbeddedServerOptions;
  readonly #workerOptions: WorkerOptions;
  readonly #lock: FolderLock | undefined;
  #worker: Worker | undefined;
  #restart: NodeJS.Timeout | undefined;
  #failures = 0;
  /** Why the thread is not there, and the promise of its return. */
  #down: { reason: string; back: PromiseWithResolvers<void> } | undefined;
  #closing = false;

  private constructor(
    host: string,
    options: EmbeddedServerOptions,
    workerOptions: WorkerOptions,
    lock: FolderLock | undefined,
  ) {
    this.host = host;
    this.#options = options;
    this.#workerOptions = workerOptions;
    this.#lock = lock;
  }

  /** Throws a DatabaseError when the folder is in use, not writable or full. */
  static async start(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const folder = options.dataDir === undefined ? undefined : join(options.dataDir, 'pglite');
    let lock: FolderLock | undefined;
    let host: string | undefined;
    try {
      if (folder !== undefined) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        lock = await FolderLock.take(folder);
      }
      const cluster = folder === undefined ? undefined : join(folder, 'cluster');
      const template = await prepareCluster(cluster, options.templateFile);
      host = await socketFolder(folder);
      const server = new EmbeddedServer(
        host,
        options,
        {
          folder: cluster,
          template: cluster === undefined ? template : undefined,
          socketPath: join(host, SOCKET_NAME),
          idleInTransactionMs: options.idleInTransactionMs ?? 60_000,
          checkpointMs: 5 * 60_000,
          vacuumMs: 60 * 60_000,
        },
        lock,
      );
      await server.#start();
      return server;
    } catch (error) {
      if (host !== undefined) await rm(host, { recursive: true, force: true });
      await lock?.release();
      if (folder !== undefined && (await isFull(folder))) throw DatabaseError.diskFull(folder, error);
      throw folderError(options.dataDir ?? 'memory', error);
    }
  }

  /**
   * Resolves at once while the database runs, and waits up to `timeoutMs` for one that is being restarted.
   * Throws `database_restarting` or `database_disk_full`.
   */
  async whenUp(timeoutMs: number): Promise<void> {
    if (!this.#down) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => late.resolve(), timeoutMs);
    await Promise.race([this.#down.back.promise, late.promise]);
    clearTimeout(timer);
    if (this.#down) throw DatabaseError.restarting(this.#options.dataDir ?? 'memory', this.#down.reason);
  }

  /** Whether the thread answers within `timeoutMs`. It does not while a statement runs. */
  async ping(timeoutMs: number): Promise<boolean> {
    const worker = this.#worker;
    if (!worker) return false;
    return new Promise<boolean>((resolve) => {
      const settle = (alive: boolean): void => {
        clearTimeout(timer);
        worker.off('message', onMessage);
        worker.off('exit', onExit);
        resolve(alive);
      };
      const onMessage = (report: WorkerReport): void => {
        if (report.status === 'pong') settle(true);
      };
      const onExit = (): void => settle(false);
      const timer = setTimeout(settle, timeoutMs, false);
      worker.on('message', onMessage).on('exit', onExit);
      worker.postMessage('ping' satisfies WorkerOrder, []);
    });
  }

  /** Whether the disk has space for what is written next. */
  async hasSpace(): Promise<boolean> {
    const { folder } = this.#workerOptions;
    return folder === undefined || !(await isFull(folder));
  }

  /** Statements that run are finished; transactions that are open are lost. Close the clients before. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker) {
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      const deadline = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
      worker.postMessage('close' satisfies WorkerOrder, []);
      await exited;
      clearTimeout(deadline);
    }
    await rm(this.host, { recursive: true, force: true });
    await this.#lock?.release();
  }

  async #start(): Promise<void> {
    await rm(this.#workerOptions.socketPath, { force: true });
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#workerOptions,
      execArgv: [],
    });
    this.#worker = worker;
    let failure: ThreadFailure | undefined;
    const deadline = setTimeout(() => void worker.terminate(), START_TIMEOUT_MS);
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (report: WorkerReport) => {
        if (report.status === 'ready') resolve();
        if (report.status !== 'dead') return;
        failure = report;
        this.#down ??= { reason: report.reason, back: Promise.withResolvers<void>() };
      });
      worker.on('error', (error) => {
        failure ??= { status: 'dead', reason: error.message, code: undefined };
      });
      worker.once('exit', () => {
        clearTimeout(deadline);
        if (this.#worker === worker) this.#worker = undefined;
        reject(failureError(failure ?? { status: 'dead', reason: 'its thread ended', code: undefined }));
      });
    });
    clearTimeout(deadline);
    worker.once('exit', () => this.#recover(failure?.reason ?? 'its thread ended'));
  }

  async #startAgain(): Promise<void> {
    try {
      await this.#start();
      this.#failures = 0;
      this.#down?.back.resolve();
      this.#down = undefined;
      this.#options.logger.info({}, 'The embedded database is back');
    } catch (error) {
      this.#recover(error instanceof Error ? error.message : String(error));
    }
  }

  /** A full disk or a bug may end the thread. What was committed is on the disk, so it is opened again. */
  #recover(reason: string): void {
    if (this.#closing) return;
    const delay = RESTART_DELAYS_MS[Math.min(this.#failures, RESTART_DELAYS_MS.length - 1)];
    this.#failures++;
    // The first reason is the one to tell: a full disk makes every later start fail for reasons of its own.
    this.#down ??= { reason, back: Promise.withResolvers<void>() };
    this.#options.logger.error({ reason, delay }, 'The embedded database stopped; it is started again');
    this.#restart = setTimeout(() => void this.#startAgain(), delay);
  }
}

/** Makes the cluster when there is none. The template is returned for a database in memory. */
async function prepareCluster(
  folder: string | undefined,
  templateFile: string | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (folder === undefined) {
    const cached = await cachedTemplate(templateFile);
    if (cached) return cached;
  } else if (existsSync(join(folder, 'PG_VERSION'))) {
    return undefined;
  }
  const workerData: PrepareOptions = { folder, templateFile };
  const thread = new Worker(new URL('./prepare-cluster.ts', import.meta.url), { workerData, execArgv: [] });
  const report = await new Promise<PrepareReport>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the thread that makes the cluster ended')));
  });
  if (report.status === 'dead') throw failureError(report);
  return report.template;
}

/** Less than a segment of the write-ahead log is left, without which PGlite starts only to fail oddly. */
async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: Infinity, bsize: 1 }));
  return bavail * bsize < 16 * 1024 * 1024;
}

/** A folder that only this user may enter, short enough for a socket's path. */
async function socketFolder(parent: string | undefined): Promise<string> {
  if (parent !== undefined && process.platform !== 'win32') {
    const folder = join(parent, 'socket');
    if (Buffer.byteLength(join(folder, SOCKET_NAME)) <= MAX_SOCKET_PATH) {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o700);
      return folder;
    }
  }
  const inTemporary = join(tmpdir(), 'concierge-XXXXXX', SOCKET_NAME);
  const base = Buffer.byteLength(inTemporary) <= MAX_SOCKET_PATH ? tmpdir() : '/tmp';
  return mkdtemp(join(base, 'concierge-'));
}
