// Signs Mini App launch data exactly as Telegram does: HMAC-SHA256 with a key derived from the bot token,
// and an Ed25519 signature for checks without the token, here with a key of the playground's own.
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { User } from 'grammy/types';

interface LaunchData {
  user: User;
  /** Seconds since 1970. */
  authDate: number;
  startParam?: string;
  queryId?: string;
  chatType?: string;
  chatInstance?: string;
  canSendAfter?: number;
}

/** DER of a PKCS #8 Ed25519 key up to its 32 bytes of seed (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The query string that a Mini App finds in `tgWebAppData`. */
export function signInitData(token: string, data: LaunchData): string {
  const pairs = new Map([['user', JSON.stringify(webAppUser(data.user))]]);
  if (data.queryId) pairs.set('query_id', data.queryId);
  if (data.chatType) pairs.set('chat_type', data.chatType);
  if (data.chatInstance) pairs.set('chat_instance', data.chatInstance);
  if (data.startParam) pairs.set('start_param', data.startParam);
  pairs.set('auth_date', String(data.authDate));
  pairs.set('signature', thirdPartySignature(token, pairs));
  const secret = createHmac('sha256', 'WebAppData').update(token).digest();
  pairs.set('hash', createHmac('sha256', secret).update(checkString(pairs)).digest('hex'));
  return new URLSearchParams([...pairs]).toString();
}

/** Hex of the key that checks `signature` of this token's playground, in place of Telegram's own. */
export function initDataPublicKey(token: string): string {
  const spki = createPublicKey(signingKey(token)).export({ type: 'spki', format: 'der' });
  return spki.subarray(-32).toString('hex');
}

function webAppUser(user: User): Record<string, unknown> {
  const { id, first_name, last_name, username, language_code } = user;
  return {
    id,
    first_name,
    last_name: last_name ?? '',
    ...(username ? { username } : {}),
    language_code: language_code ?? 'en',
    allows_write_to_pm: true,
  };
}

function checkString(pairs: ReadonlyMap<string, string>): string {
  return [...pairs]
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n');
}

function thirdPartySignature(token: string, pairs: ReadonlyMap<string, string>): string {
  const message = `${token.split(':')[0]}:WebAppData\n${checkString(pairs)}`;
  return sign(null, Buffer.from(message), signingKey(token)).toString('base64url');
}

function signingKey(token: string) {
  const seed = createHash('sha256').update(`playground ${token}`).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
}
