// A server started for a test, which must not outlive it, whatever ends the test. Beside each server runs a
// small shell that holds the read end of a pipe: when this process is gone, even by SIGKILL, the pipe closes
// and the shell ends the server and removes its folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const STOP_MS = 10_000;

const GUARD = `
trap '' INT TERM HUP
read -r line && exit 0
kill -s "$2" "$1" 2>/dev/null
for wait in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null || break; sleep 0.2; done
kill -s KILL "$1" 2>/dev/null
rm -rf "$3"
`;

export interface ServiceOptions {
  program: string;
  args: string[];
  /** Its own folder, where the log goes; removed by the guard, and otherwise by whoever made it. */
  folder: string;
  /** The signal that stops it quickly and cleanly. */
  stopSignal: NodeJS.Signals;
  /** Run as this user. */
  user?: { uid: number; gid: number } | undefined;
}

export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #guard: ChildProcess;
  readonly #options: ServiceOptions;
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess, guard: ChildProcess, options: ServiceOptions) {
    this.#child = child;
    this.#guard = guard;
    this.#options = options;
    // Told at once, so that the guard never kills a later process with the same id.
    this.#exited = once(child, 'exit').then(() => guard.stdin?.end('done\n'));
  }

  static async start(options: ServiceOptions): Promise<ServiceProcess> {
    const log = openSync(join(options.folder, 'log'), 'a');
    const child = spawn(options.program, options.args, {
      cwd: options.folder,
      stdio: ['ignore', log, log],
      // Not in the terminal's group: Ctrl-C is for the test, which then stops its servers in order.
      detached: true,
      ...options.user,
    });
    closeSync(log);
    await once(child, 'spawn');
    const signal = options.stopSignal.replace('SIG', '');
    const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', String(child.pid), signal, options.folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    // The guard may be gone first; there is nothing to say to it then.
    guard.stdin?.on('error', () => {});
    child.unref();
    guard.unref();
    return new ServiceProcess(child, guard, options);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Polls until `check` holds. @throws Error with the end of the log when the server ends or is too slow */
  async ready(check: () => Promise<boolean>, waitMs = 20_000): Promise<void> {
    const deadline = Date.now() + waitMs;
    while (this.running && Date.now() < deadline) {
      if (await check()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const why = this.running ? `was not ready after ${waitMs} ms` : 'ended while it started';
    const log = readFileSync(join(this.#options.folder, 'log'), 'utf8').slice(-2000);
    await this.kill();
    throw new Error(`${this.#options.program} ${why}:\n${log}`);
  }

  async stop(): Promise<void> {
    await this.#end(this.#options.stopSignal);
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    // A process that waits for this must not end for want of anything else to do.
    this.#child.ref();
    this.#child.kill(signal);
    await this.#exited;
    clearTimeout(force);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** For tests of the guard itself. */
  get pids(): { server: number | undefined; guard: number | undefined } {
    return { server: this.#child.pid, guard: this.#guard.pid };
  }
}
