// Reads and writes the state file. A write goes to a neighbour first and is then renamed,
// so that a crash leaves the old state or the new one.
import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { emptyState, type WorldState } from './world/state.ts';

const SAVE_DELAY_MS = 250;
/** More than can be given out between two writes. */
const LOST_IDS = 100;

/** Throws when the file exists and is no playground state: overwriting it would lose something. */
export function loadState(path: string | undefined): WorldState {
  if (!path) return emptyState();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return emptyState();
    throw error;
  }
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    read = undefined;
  }
  if (typeof read !== 'object' || read === null || !('version' in read) || read.version !== 1) {
    throw new Error(`${path} is no playground state of this version; move it away to start anew`);
  }
  const state: WorldState = { ...emptyState(), ...read, version: 1 };
  if (!state.clean) skipLostIds(state);
  state.clean = false;
  return state;
}

/** A bot that remembers the ids it has seen would take reused ones for duplicates. */
function skipLostIds(state: WorldState): void {
  state.nextUpdateId += LOST_IDS;
  for (const chat of state.chats) chat.nextMessageId += LOST_IDS;
}

export class StateFile {
  readonly #path: string | undefined;
  readonly #state: WorldState;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string | undefined, state: WorldState) {
    this.#path = path;
    this.#state = state;
  }

  /** Writes within a quarter of a second. */
  soon(): void {
    if (!this.#path || this.#timer) return;
    this.#timer = setTimeout(() => void this.flush().catch(() => this.soon()), SAVE_DELAY_MS);
    this.#timer.unref();
  }

  /** The last write: the next start knows that nothing is missing. */
  async close(): Promise<void> {
    this.#state.clean = true;
    await this.flush();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const path = this.#path;
    if (!path) return;
    const write = this.#writeAfter(this.#writing, path);
    this.#writing = write.catch(() => {});
    await write;
  }

  async #writeAfter(last: Promise<void>, path: string): Promise<void> {
    await last;
    await mkdir(dirname(path), { recursive: true });
    const neighbour = `${path}.new`;
    await writeFile(neighbour, JSON.stringify(this.#state), { mode: 0o600 });
    await rename(neighbour, path);
  }
}
