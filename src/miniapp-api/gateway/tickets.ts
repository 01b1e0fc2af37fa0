// Browsers cannot send headers with a socket. A ticket in the URL is no token: it works once, for 30 s.
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { language } from '#shared/contracts/common.ts';
import type { Caller } from '#shared/identity/caller.ts';
import type { SessionStore } from '#shared/session-store/session-store.ts';

export const ticketSeconds = 30;

const bearer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('guest'), guestId: z.string(), language }),
  z.object({
    kind: z.literal('person'),
    personId: z.string(),
    displayName: z.string(),
    language,
    timeZone: z.string(),
  }),
]);

export async function issueTicket(store: SessionStore, caller: Caller): Promise<string> {
  const ticket = randomBytes(32).toString('base64url');
  await store.set(keyOf(ticket), JSON.stringify(caller), { ttlMs: ticketSeconds * 1000 });
  return ticket;
}

/** Who it was given to; undefined when it is unknown, used or too old. */
export async function useTicket(store: SessionStore, ticket: string): Promise<Caller | undefined> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(ticket)) return undefined;
  const stored = await store.take(keyOf(ticket));
  return stored === undefined ? undefined : bearer.parse(JSON.parse(stored));
}

function keyOf(ticket: string): string {
  return `ws-ticket:${createHash('sha256').update(ticket).digest('base64url')}`;
}
