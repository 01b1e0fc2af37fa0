// The product as a process of its own, the way an operator runs it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './services/free-port.ts';

const root = join(import.meta.dirname, '../..');

export interface App {
  url: string;
  port: number;
  pid: number;
  /** Everything that it wrote so far, standard output and error. */
  output(): string;
  /** Asks it to stop and waits. Answers its exit code. */
  stop(): Promise<number | null>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** The file that is run. @default src/main.ts */
  entry?: string;
  dataDir: string;
  port?: number;
  environment?: Record<string, string>;
  /** A command that runs the app with its arguments, and is it then: as `nsenter` does. */
  wrapper?: readonly string[];
  /** Milliseconds until it must be ready. @default 60000 */
  timeoutMs?: number;
}

/** A folder for `DATA_DIR` that disappears with the test. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'concierge-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Starts the app and waits until it is ready. Throws with its output when it ends before. */
export async function startApp(options: StartOptions): Promise<App> {
  const port = options.port ?? (await freePort());
  const command = [...(options.wrapper ?? []), process.execPath, join(root, options.entry ?? 'src/main.ts')];
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NO_COLOR: '1',
      PORT: String(port),
      DATA_DIR: options.dataDir,
      ...options.environment,
    },
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-500_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = once(child, 'exit');
  const url = `http://localhost:${port}`;
  // A test that forgets to stop it must not leave it behind.
  const cleanUp = () => child.kill('SIGKILL');
  process.once('exit', cleanUp);
  const app: App = {
    url,
    port,
    pid: child.pid ?? 0,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      process.off('exit', cleanUp);
      return child.exitCode;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
      process.off('exit', cleanUp);
    },
  };
  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`The app ended with ${child.exitCode}:\n${output}`);
    if (Date.now() > deadline) {
      await app.kill();
      throw new Error(`The app was not ready in time:\n${output}`);
    }
    await sleep(20);
  }
  return app;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}
