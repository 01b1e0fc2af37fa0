import { type ClientFrame, clientFrame, type ServerFrame } from '#shared/contracts/gateway-frames.ts';
import { AppError } from '#shared/errors.ts';
import { parseInput } from '../http/parse.ts';
import type { Connection, Protocol } from './connection.ts';

export type GatewayConnection = Connection<ClientFrame, ServerFrame>;

export const gatewayProtocol: Protocol<ClientFrame, ServerFrame> = {
  read: readFrame,
  reply: (frame) =>
    frame.type === 'ping' ? { type: 'pong', timestamp: new Date().toISOString() } : undefined,
  isUrgent: (frame) => frame.type === 'cancel_action',
  subjectOf,
  error: (error, subject) => ({
    type: 'error',
    code: error.code,
    message: error.message,
    details: { ...error.details, ...subject },
    severity: error.code === 'RATE_LIMIT_EXCEEDED' ? 'warning' : 'error',
    recoverable: !error.code.startsWith('AUTH_'),
  }),
};

/**
 * One message of a client as a frame. Names may be camelCase, `content` may stand for `message`, null counts as left
 * out, unknown fields are ignored.
 * @throws AppError VALIDATION_ERROR
 */
function readFrame(data: Buffer, isBinary: boolean): ClientFrame {
  if (isBinary) throw AppError.validation([{ path: '', message: 'expected JSON as text' }]);
  return parseInput(clientFrame, foldAliases(parseJson(data)));
}

function subjectOf(frame: ClientFrame): Record<string, unknown> {
  switch (frame.type) {
    case 'user_message':
      return frame.client_message_id === undefined ? {} : { client_message_id: frame.client_message_id };
    case 'resume':
      return { run_id: frame.run_id };
    case 'form_submit':
      return { form_id: frame.form_id };
    case 'command':
      return { command: frame.command };
    case 'thread_switch':
      return { thread_id: frame.thread_id };
    case 'cancel_action':
      return { action_id: frame.action_id };
    case 'tool_decision':
      return { call_id: frame.call_id };
    case 'auth':
    case 'search_kb':
    case 'ping':
      return {};
  }
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    throw AppError.validation([{ path: '', message: 'expected valid JSON' }]);
  }
}

function foldAliases(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const folded = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value)) {
    if (field === null) continue;
    const plain = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    // The real name wins over its alias, in whichever order they come.
    if (plain === name || !folded.has(plain)) folded.set(plain, field);
  }
  if (folded.get('type') === 'user_message' && !folded.has('message')) {
    folded.set('message', folded.get('content'));
  }
  return Object.fromEntries(folded);
}
