// Every method the playground knows. Names are matched without regard to case, as Telegram does.
import type { SendKind } from '../limits.ts';
import type { Method } from './call.ts';
import { chatMethods } from './chats.ts';
import { fileMethods } from './files.ts';
import { liveMethods } from './live.ts';
import { messageMethods } from './messages.ts';
import { profileMethods } from './profile.ts';
import { updateMethods } from './updates.ts';

export interface KnownMethod {
  name: string;
  run: Method;
  /** How the call counts against the limits; undefined for calls that do not. */
  counts: SendKind | undefined;
}

const METHODS = new Map<string, KnownMethod>(
  Object.entries({
    ...updateMethods,
    ...messageMethods,
    ...liveMethods,
    ...chatMethods,
    ...profileMethods,
    ...fileMethods,
  }).map(([name, run]) => [name.toLowerCase(), { name, run, counts: countsAs(name) }]),
);

export function findMethod(name: string): KnownMethod | undefined {
  return METHODS.get(name.toLowerCase());
}

function countsAs(name: string): SendKind | undefined {
  if (name === 'sendMessageDraft') return 'draft';
  if (name.startsWith('edit')) return 'edit';
  if (name === 'sendChatAction') return undefined;
  return /^(?:send|forward|copy)/u.test(name) ? 'message' : undefined;
}
