// Parameters of one call. Telegram takes numbers, booleans and objects also as strings,
// because form bodies have nothing else.
import { badRequest } from './errors.ts';

export interface UploadedFile {
  name: string;
  type: string;
  bytes: Uint8Array;
}

export type Json = Record<string, unknown>;

export class Params {
  readonly values: Json;
  readonly files: ReadonlyMap<string, UploadedFile>;

  constructor(values: Json, files: ReadonlyMap<string, UploadedFile> = new Map()) {
    this.values = values;
    this.files = files;
  }

  has(name: string): boolean {
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  string(name: string): string {
    const value = this.values[name];
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (value === undefined || value === null) return '';
    throw badRequest(`Field "${name}" must be of type String`);
  }

  int(name: string): number | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === '') return undefined;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
    throw badRequest(`Field "${name}" must be of type Number`);
  }

  bool(name: string): boolean {
    const value = this.values[name];
    return value === true || value === 1 || (typeof value === 'string' && /^(?:true|yes|1)$/iu.test(value));
  }

  /** An object or a list, given as such or as JSON text. */
  json(name: string): unknown {
    const value = this.values[name];
    if (typeof value !== 'string') return value ?? undefined;
    if (value === '') return undefined;
    try {
      return JSON.parse(value);
    } catch {
      throw badRequest(`can't parse ${name.replaceAll('_', ' ')} JSON object`);
    }
  }

  object(name: string): Json | undefined {
    const value = this.json(name);
    if (value === undefined) return undefined;
    if (isObject(value)) return value;
    throw badRequest(`object expected as ${name.replaceAll('_', ' ')}`);
  }

  list(name: string): unknown[] | undefined {
    const value = this.json(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value;
    throw badRequest(`expected an Array as ${name.replaceAll('_', ' ')}`);
  }
}

/** A field of a parsed object as text; empty when it is neither text nor number. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
