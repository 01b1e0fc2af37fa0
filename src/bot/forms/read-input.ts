import type { Update, UserFromGetMe } from 'grammy/types';
import { commandOf } from '../groups/addressing.ts';
import type { FormProgress, OpenForm } from './form-progress.ts';

export type FormInput =
  | { kind: 'text'; text: string }
  | { kind: 'press'; what: string }
  /** A button of an earlier question of this form. */
  | { kind: 'stale' }
  | { kind: 'skip' }
  | { kind: 'cancel' }
  /** An answer that is no text: a photo, a sticker. */
  | { kind: 'unreadable' }
  /** Not for this form: others deal with it. */
  | { kind: 'foreign' };

const foreign: FormInput = { kind: 'foreign' };

/** What an update says to this form. Looks at nothing else, because it is repeated at every replay. */
export function readInput(
  update: Update,
  open: OpenForm,
  progress: FormProgress,
  me: Pick<UserFromGetMe, 'username'>,
): FormInput {
  if (update.callback_query) return readPress(update.callback_query.data, open, progress);
  const { message } = update;
  if (!message) return foreign;
  const command = commandOf(message.text ?? '', message.entities ?? [], me);
  if (command) {
    if (command.by !== 'command') return foreign;
    return command.name === 'skip' || command.name === 'cancel' ? { kind: command.name } : foreign;
  }
  const repliedTo = message.reply_to_message?.message_id;
  if (open.isGroup && (repliedTo === undefined || !progress.asked.includes(repliedTo))) return foreign;
  return message.text === undefined ? { kind: 'unreadable' } : { kind: 'text', text: message.text };
}

/** `f:<owner>:<token>:<nonce>:<what>`, at most 64 bytes (Bot API, callback_data). */
export function pressData(open: OpenForm, progress: FormProgress, what: string): string {
  return `f:${open.owner}:${open.token}:${progress.nonce}:${what}`;
}

export function parsePressData(
  data: string | undefined,
): { owner: string; token: string; nonce: number; what: string } | undefined {
  const [prefix, owner, token, nonce, what] = data?.split(':') ?? [];
  if (prefix !== 'f' || owner === undefined || token === undefined || what === undefined) return undefined;
  return { owner, token, nonce: Number(nonce), what };
}

function readPress(data: string | undefined, open: OpenForm, progress: FormProgress): FormInput {
  const pressed = parsePressData(data);
  if (!pressed || pressed.owner !== open.owner || pressed.token !== open.token) return foreign;
  return pressed.nonce === progress.nonce ? { kind: 'press', what: pressed.what } : { kind: 'stale' };
}
