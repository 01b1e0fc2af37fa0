// Framing of the PostgreSQL protocol, version 3.0, as far as a server needs it
// (https://www.postgresql.org/docs/current/protocol-message-formats.html).

/** A message, or the unfinished batch of one connection, may not be longer. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_STARTUP_BYTES = 10_000;

export interface FrontendMessage {
  /** One letter; empty for the first message of a connection, which has no type. */
  type: string;
  /** The whole message with its header. */
  bytes: Buffer;
}

export class WireError extends Error {
  /** SQLSTATE. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'WireError';
    this.code = code;
  }
}

/** Cuts what a client sends into messages. Chunks are joined once per message, however many there are. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted = 0;
  #startup = true;

  /** From now on messages have a type. */
  started(): void {
    this.#startup = false;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The next whole message. Throws a WireError when it is too long or malformed; the reader is then of no use. */
  next(): FrontendMessage | undefined {
    const lengthAt = this.#startup ? 0 : 1;
    if (this.#wanted === 0) {
      if (this.#size < lengthAt + 4) return undefined;
      const length = this.#joined().readUInt32BE(lengthAt) + lengthAt;
      if (length < (this.#startup ? 8 : 5)) throw new WireError('08P01', 'malformed message length');
      if (length > (this.#startup ? MAX_STARTUP_BYTES : MAX_MESSAGE_BYTES)) {
        throw new WireError('54000', `message of ${length} bytes is too long`);
      }
      this.#wanted = length;
    }
    if (this.#size < this.#wanted) return undefined;
    const all = this.#joined();
    const bytes = all.subarray(0, this.#wanted);
    const rest = all.subarray(this.#wanted);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    this.#wanted = 0;
    return { type: this.#startup ? '' : String.fromCharCode(bytes.readUInt8(0)), bytes };
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (first && this.#chunks.length === 1) return first;
    const all = Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [all];
    return all;
  }
}

export function message(type: string, body: Buffer | string = ''): Buffer {
  const content = typeof body === 'string' ? Buffer.from(body) : body;
  const out = Buffer.allocUnsafe(5 + content.length);
  out.write(type, 0, 'latin1');
  out.writeUInt32BE(4 + content.length, 1);
  content.copy(out, 5);
  return out;
}

export function queryMessage(sql: string): Buffer {
  return message('Q', `${sql}\0`);
}

export function errorMessage(severity: 'ERROR' | 'FATAL', code: string, text: string): Buffer {
  return message('E', `S${severity}\0V${severity}\0C${code}\0M${text}\0\0`);
}

/** Severity (never translated) and text of an ErrorResponse. */
export function errorFields(bytes: Buffer): { severity: string; text: string } {
  const fields = new Map<string, string>();
  for (const field of bytes.toString('utf8', 5).split('\0')) fields.set(field.slice(0, 1), field.slice(1));
  return { severity: fields.get('V') ?? '', text: fields.get('M') ?? '' };
}

/** What a server answers to a start-up message when it asks for no password. */
export function greeting(parameters: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat([
    message('R', Buffer.alloc(4)), // AuthenticationOk
    ...Object.entries(parameters).map(([name, value]) => message('S', `${name}\0${value}\0`)),
    message('K', Buffer.alloc(8)), // BackendKeyData: nothing can be cancelled
    message('Z', 'I'),
  ]);
}

/** The whole messages in what a server sent. */
export function* backendMessages(bytes: Buffer): Generator<FrontendMessage> {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    yield { type: String.fromCharCode(bytes.readUInt8(at)), bytes: bytes.subarray(at, end) };
    at = end;
  }
}
