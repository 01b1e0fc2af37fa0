import { createServer, type Server, type Socket } from 'node:net';
import type { SessionArbiter } from './session-arbiter.ts';
import {
  errorMessage,
  type FrontendMessage,
  greeting,
  MAX_MESSAGE_BYTES,
  MessageReader,
  message,
  queryMessage,
  WireError,
} from './wire.ts';

const PROTOCOL_3 = 3;
const CANCEL_REQUEST = 80877102;
const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
/** Batches that one connection may have waiting before it is not read any more. */
const MAX_PENDING_BATCHES = 16;

/**
 * A server that speaks the PostgreSQL protocol for one PGlite session. It asks for no password: whoever can
 * open the socket is let in, so keep the socket in a folder that only its owner may enter.
 */
export function createWireServer(
  arbiter: SessionArbiter,
  parameters: Readonly<Record<string, string>>,
): Server {
  return createServer((socket) => serve(socket, arbiter, parameters));
}

function serve(socket: Socket, arbiter: SessionArbiter, parameters: Readonly<Record<string, string>>): void {
  const reader = new MessageReader();
  let started = false;
  let batch: Buffer[] = [];
  let batchBytes = 0;

  const seat = arbiter.join({
    write(bytes) {
      if (!started) return true;
      if (socket.isPaused() && seat.batches.length < MAX_PENDING_BATCHES) socket.resume();
      return socket.write(bytes);
    },
    end: (bytes) => socket.end(bytes),
  });

  function start(request: Buffer): void {
    const code = request.readUInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      socket.write('N');
    } else if (code === CANCEL_REQUEST) {
      // PGlite runs a statement to its end; the protocol has no answer to a cancel request.
      socket.end();
    } else if (code >>> 16 !== PROTOCOL_3) {
      throw new WireError('08P01', `unsupported protocol version ${code >>> 16}.${code & 0xffff}`);
    } else {
      started = true;
      reader.started();
      socket.write(greeting(parameters));
    }
  }

  function accept({ type, bytes: received }: FrontendMessage): void {
    const bytes = withoutCopy(type, received);
    if (type === 'X') {
      socket.end();
      return;
    }
    batchBytes += bytes.length;
    if (batchBytes > MAX_MESSAGE_BYTES) throw new WireError('54000', 'too many messages before a Sync');
    batch.push(bytes);
    if (type !== 'Q' && type !== 'S' && type !== 'H' && type !== 'F') return;
    const joined = batch.length === 1 ? bytes : Buffer.concat(batch);
    batch = [];
    batchBytes = 0;
    seat.submit({ bytes: joined, complete: type !== 'H' });
    if (seat.batches.length >= MAX_PENDING_BATCHES) socket.pause();
  }

  socket.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk);
      for (let next = reader.next(); next && !socket.writableEnded; next = reader.next()) {
        if (started) accept(next);
        else start(next.bytes);
      }
    } catch (error) {
      const code = error instanceof WireError ? error.code : 'XX000';
      socket.end(errorMessage('FATAL', code, error instanceof Error ? error.message : String(error)));
      socket.removeAllListeners('data');
      socket.resume();
    }
  });
  socket.on('drain', () => seat.drained());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => seat.leave());
}

/**
 * PGlite ends at `COPY … FROM STDIN`, because nobody feeds its standard input. The statement is exchanged for one
 * that fails, so that the session itself reports the error in its place. What hides behind another statement of the
 * same message costs a restart.
 */
function withoutCopy(type: string, bytes: Buffer): Buffer {
  if (type !== 'Q' && type !== 'P') return bytes;
  const start = type === 'Q' ? 5 : bytes.indexOf(0, 5) + 1;
  if (!/^\s*copy\b/i.test(bytes.toString('latin1', start, start + 64))) return bytes;
  return type === 'Q'
    ? queryMessage(NO_COPY)
    : message('P', `${bytes.toString('utf8', 5, start)}${NO_COPY}\0\0\0`);
}

const NO_COPY =
  "do $$ begin raise feature_not_supported using message = 'the embedded database has no COPY'; end $$";

/** What a server tells about itself in its greeting; to be asked from the session. */
export const SHOWN_PARAMETERS = [
  'server_version',
  'server_encoding',
  'client_encoding',
  'DateStyle',
  'TimeZone',
  'integer_datetimes',
  'standard_conforming_strings',
] as const;
