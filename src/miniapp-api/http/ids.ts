import { createHash } from 'node:crypto';
import type { Caller } from '#shared/identity/caller.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** Tells callers apart in limits, channels and derived ids. */
export function callerKey(caller: Caller): string {
  switch (caller.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'guest':
      return `guest:${caller.guestId}`;
    case 'person':
      return `person:${caller.personId}`;
  }
}

/**
 * The UUID behind an id that a client chose. A UUID stays what it is; any other string becomes a UUID (version 8) of
 * this caller alone, always the same one, so that two people who both say "chat-1" never meet.
 */
export function ownId(caller: Caller, kind: 'thread' | 'run', clientId: string): string {
  if (isUuid(clientId)) return clientId.toLowerCase();
  const hash = createHash('sha256')
    .update(`${kind}\n${callerKey(caller)}\n${clientId}`)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
