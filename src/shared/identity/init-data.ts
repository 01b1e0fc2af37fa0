// Launch data of the Mini App: who opened it, signed by Telegram.
// Facts: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
import { timingSafeEqual } from 'node:crypto';
import { signData } from '@telegram-apps/init-data-node';
import { z } from 'zod';

export interface InitDataOptions {
  botToken: string;
  /** Seconds for which launch data is accepted after Telegram signed it. */
  maxAgeSeconds: number;
  /** Milliseconds since 1970; the clock unless a test sets it. */
  now?: () => number;
}

export type InitDataVerdict =
  | { status: 'valid'; user: InitDataUser; startParam: string | undefined }
  /** `reason` is for the log only: a caller learns nothing from it. */
  | { status: 'refused'; reason: string };

const user = z.object({
  id: z.int().positive(),
  first_name: z.string().max(256),
  last_name: z.string().max(256).optional(),
  username: z.string().max(64).optional(),
  language_code: z.string().max(35).optional(),
  is_bot: z.boolean().optional(),
});

export type InitDataUser = z.infer<typeof user>;

const maxBytes = 4096;
/** Clocks differ a little; further in the future is a forgery or a broken clock. */
const maxFutureSeconds = 30;

/** Checks signature, age and shape. Never throws, whatever comes in. */
export function verifyInitData(initData: string, options: InitDataOptions): InitDataVerdict {
  const refused = (reason: string): InitDataVerdict => ({ status: 'refused', reason });
  if (Buffer.byteLength(initData) > maxBytes) return refused('longer than 4 KiB');
  const pairs = [...new URLSearchParams(initData)];
  const names = pairs.map(([name]) => name);
  if (new Set(names).size !== names.length) return refused('a field twice');
  const fields = new Map(pairs);

  const hash = fields.get('hash');
  if (hash === undefined || !/^[0-9a-f]{64}$/.test(hash)) return refused('no usable hash');
  const checked = pairs
    .filter(([name]) => name !== 'hash')
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('\n');
  const expected = signData(checked, options.botToken);
  if (!timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(hash, 'hex'))) {
    return refused('signature does not match');
  }

  const signedAt = fields.get('auth_date') ?? '';
  if (!/^\d{1,12}$/.test(signedAt)) return refused('no usable auth_date');
  const age = Math.floor((options.now ?? Date.now)() / 1000) - Number(signedAt);
  if (age > options.maxAgeSeconds) return refused(`signed ${age} s ago`);
  if (age < -maxFutureSeconds) return refused(`signed ${-age} s in the future`);

  const parsed = user.safeParse(parseJson(fields.get('user')));
  if (!parsed.success) return refused('no usable user');
  return { status: 'valid', user: parsed.data, startParam: fields.get('start_param') };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
