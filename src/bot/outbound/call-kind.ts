// What the gateway has to know about a method of the Bot API, found by its name so that new methods work at once.

/** In the order in which they go first. */
export const lanes = ['callback', 'final', 'notification', 'preview', 'typing'] as const;
export type Lane = (typeof lanes)[number];

export type CallKind =
  /** Counts as a message of its chat, and keeps its place among them. */
  | 'message'
  /** Counts as an edit of its chat, and keeps its place. */
  | 'edit'
  /** Keeps its place, counts against nothing of its chat. */
  | 'passing'
  /** Goes at once. */
  | 'direct';

export function callKind(method: string, payload: object): CallKind {
  if (!('chat_id' in payload) || typeof payload.chat_id !== 'number') return 'direct';
  if (method === 'sendChatAction' || method.endsWith('Draft')) return 'passing';
  if (/^(send|forward|copy)/.test(method)) return 'message';
  return /^(editMessage|stopPoll)/.test(method) ? 'edit' : 'direct';
}

export function laneOf(method: string): Lane {
  if (method === 'answerCallbackQuery') return 'callback';
  if (method === 'sendChatAction') return 'typing';
  return method.endsWith('Draft') ? 'preview' : 'final';
}

/** Whether doing it twice is the same as doing it once. */
export function isIdempotent(method: string): boolean {
  return (
    !/^(send|forward|copy|create|post|gift|transfer|upgrade|refund|add|upload)/.test(method) ||
    method === 'sendChatAction' ||
    method.endsWith('Draft')
  );
}
