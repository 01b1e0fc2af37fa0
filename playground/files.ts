// Bytes of uploaded files: in memory, and beside the state file when there is one.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badRequest } from './checks/errors.ts';
import type { UploadedFile } from './checks/params.ts';
import type { FileRecord, WorldState } from './world/state.ts';

/** Bot API: bots upload up to 50 MB and download up to 20 MB. */
const UPLOAD_LIMIT = 50 * 1024 * 1024;
export const DOWNLOAD_LIMIT = 20 * 1024 * 1024;
const KEPT_BYTES = 200 * 1024 * 1024;

export class Files {
  readonly #state: WorldState;
  readonly #folder: string | undefined;
  readonly #bytes = new Map<string, Uint8Array>();

  constructor(state: WorldState, stateFile: string | undefined) {
    this.#state = state;
    this.#folder = stateFile ? `${stateFile}.files` : undefined;
  }

  /** When more than 200 MB are held the oldest files are forgotten. */
  async add(file: UploadedFile, folder: 'documents' | 'photos' | 'voice'): Promise<FileRecord> {
    if (file.bytes.length > UPLOAD_LIMIT) throw badRequest('file is too big');
    const number = this.#state.nextFileId;
    this.#state.nextFileId += 1;
    const extension = /\.[A-Za-z0-9]{1,8}$/u.exec(file.name)?.[0]?.toLowerCase() ?? '';
    const record: FileRecord = {
      file_id: `file${number}${randomBytes(12).toString('base64url')}`,
      file_unique_id: `unique${number}`,
      file_path: `${folder}/file_${number}${extension}`,
      name: file.name,
      mime: file.type || 'application/octet-stream',
      size: file.bytes.length,
    };
    this.#bytes.set(record.file_id, file.bytes);
    this.#state.files.push(record);
    if (this.#folder) {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(join(this.#folder, record.file_unique_id), file.bytes, { mode: 0o600 });
    }
    await this.#forgetOldest();
    return record;
  }

  byId(id: string): FileRecord | undefined {
    return this.#state.files.find((file) => file.file_id === id);
  }

  byPath(path: string): FileRecord | undefined {
    return this.#state.files.find((file) => file.file_path === path);
  }

  async read(record: FileRecord): Promise<Uint8Array | undefined> {
    const held = this.#bytes.get(record.file_id);
    if (held || !this.#folder) return held;
    try {
      return await readFile(join(this.#folder, record.file_unique_id));
    } catch {
      return undefined;
    }
  }

  async #forgetOldest(): Promise<void> {
    let total = this.#state.files.reduce((sum, file) => sum + file.size, 0);
    while (total > KEPT_BYTES) {
      const oldest = this.#state.files.shift();
      if (!oldest) return;
      total -= oldest.size;
      this.#bytes.delete(oldest.file_id);
      if (this.#folder) await rm(join(this.#folder, oldest.file_unique_id), { force: true });
    }
  }
}
