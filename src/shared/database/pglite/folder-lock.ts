// A second PGlite on one folder silently loses committed rows, so a folder has one owner at a time.
// The lock is a file that names its owner; it survives `kill -9`, therefore a dead owner's lock is taken over.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseError } from '../database-error.ts';

/** An owner on another host (a container that shares the folder) is known to live only by its heartbeat. */
const HEARTBEAT_MS = 5_000;
const HEARTBEAT_LOST_MS = 20_000;

interface Holder {
  pid: number;
  /** Clock ticks from boot to the start of the process; tells a re-used pid. Empty where /proc is missing. */
  started: string;
  host: string;
  nonce: string;
}

export class FolderLock {
  readonly #path: string;
  readonly #nonce: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, nonce: string) {
    this.#path = path;
    this.#nonce = nonce;
    this.#heartbeat = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => undefined);
    }, HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Throws `database_folder_in_use` when another living process holds the folder. */
  static async take(folder: string): Promise<FolderLock> {
    const path = join(folder, 'lock');
    const holder: Holder = {
      pid: process.pid,
      started: await startTime(process.pid),
      host: hostname(),
      nonce: randomUUID(),
    };
    const other = await acquire(path, holder);
    if (other) throw DatabaseError.folderInUse(folder, `process ${other.pid}`);
    return new FolderLock(path, holder.nonce);
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    const current = await readHolder(this.#path);
    if (current?.nonce === this.#nonce) await rm(this.#path, { force: true });
  }
}

/**
 * Returns the living holder, or undefined when the lock is ours.
 * Only one process at a time may replace a certain dead lock: the right to do so is a lock itself, named after
 * the dead one. Who gets the right late finds another lock in place and leaves it alone.
 */
async function acquire(path: string, mine: Holder): Promise<Holder | undefined> {
  const draft = `${path}.${mine.nonce}.new`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      try {
        await link(draft, path); // unlike rename, fails when the file exists
        return undefined;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const other = await readHolder(path);
      if (!other) continue;
      if (await lives(path, other)) return other;
      const right = `${path}.${other.nonce}`;
      const rival = await acquire(right, { ...mine, nonce: randomUUID() });
      if (rival) return rival;
      try {
        if ((await readHolder(path))?.nonce !== other.nonce) continue;
        await rename(draft, path);
        return undefined;
      } finally {
        await rm(right, { force: true });
      }
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** Undefined when there is no such file. A file that says nothing (a crash of the machine) has a dead holder. */
async function readHolder(path: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { pid, started, host, nonce } = JSON.parse(text) as Partial<Holder>;
    if (typeof pid === 'number' && typeof nonce === 'string' && /^[\w-]+$/.test(nonce)) {
      return { pid, started: started ?? '', host: host ?? '', nonce };
    }
  } catch {
    // falls through to the dead holder
  }
  return { pid: 0, started: '', host: hostname(), nonce: 'unreadable' };
}

async function lives(path: string, holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) {
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs < HEARTBEAT_LOST_MS;
  }
  if (holder.pid <= 0) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const started = await startTime(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

/** Field 22 of /proc/pid/stat; the second field is a name in parentheses that may itself hold any character. */
async function startTime(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return (
    text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .at(19) ?? ''
  );
}
