// Makes one chat agree with one notice: a first message, then edits of that same message.
import type { Api } from 'grammy';
import type { Notice } from '#shared/notifications/entities.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Services } from '#shared/services.ts';
import type { Links } from '../links.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { attempt, type Failure, NotSent, type Outcome } from '../outbound/outcome.ts';
import { clip } from '../say.ts';
import type { PrivateChats } from '../state/private-chats.ts';
import { goneText, type NoticeMessage, noticeMessage } from './notice-message.ts';
import { findTarget, type Target } from './notice-target.ts';

export interface DeliveryDeps {
  /** With `outbound.transformer` installed. */
  api: Api;
  outbound: Pick<Outbound, 'inLane'>;
  services: Pick<Services, 'notices' | 'workflows' | 'groups' | 'people'>;
  privateChats: PrivateChats;
  links: Links;
  logger: Logger;
}

export interface Delivered {
  /** Milliseconds until it is due again, when it was not shown. */
  againInMs?: number;
}

const done: Delivered = {};
/** Recorded as the reason of a first message whose answer was lost; a second loss ends it. */
const doubt = 'in doubt: the answer to sending was lost';
/** UTF-16 units of a reason in the database. */
const maxReason = 200;

/**
 * @param mayWrite asked right before each write, which can be long after the call: a chat's limits are waited for.
 *   When it says no, the notice is left to whoever claims it next.
 */
export async function deliverNotice(
  deps: DeliveryDeps,
  notice: Notice,
  mayWrite: () => boolean,
): Promise<Delivered> {
  const { services, privateChats, links } = deps;
  const target = await findTarget(notice, { ...services, privateChats });
  if (target.status === 'none') return dead(deps, notice, target.reason);
  const task = await services.workflows.taskForNotice(notice.subjectId, target.reader.language);
  const known = notice.messageId ?? undefined;
  if (!task && known === undefined) return dead(deps, notice, 'the task is gone');
  const message = task ? noticeMessage(task, target, links) : goneText(target.reader);
  const edited = known === undefined ? undefined : await edit(deps, target, known, message, mayWrite);
  const outcome = !edited || edited.status === 'gone' ? await post(deps, target, message, mayWrite) : edited;
  if (outcome.status === 'unsent' && !mayWrite()) return done;
  return record(deps, notice, outcome, edited?.status === 'gone' ? undefined : known);
}

function edit(
  deps: DeliveryDeps,
  { chatId }: Target,
  messageId: number,
  { text, entities, keyboard }: NoticeMessage,
  mayWrite: () => boolean,
): Promise<Outcome<number>> {
  const other = { entities, reply_markup: { inline_keyboard: keyboard } };
  return attempt(async () => {
    await inLane(deps, mayWrite, () => deps.api.editMessageText(chatId, messageId, text, other));
    return messageId;
  });
}

async function post(
  deps: DeliveryDeps,
  { chatId, topicId }: Target,
  { text, entities, keyboard }: NoticeMessage,
  mayWrite: () => boolean,
): Promise<Outcome<number>> {
  const other = { entities, reply_markup: { inline_keyboard: keyboard } };
  const send = (topic: object) =>
    attempt(async () => {
      const write = () => deps.api.sendMessage(chatId, text, { ...other, ...topic });
      return (await inLane(deps, mayWrite, write)).message_id;
    });
  if (topicId === undefined) return send({});
  const posted = await send({ message_thread_id: topicId });
  // The topic was deleted or closed: then everybody sees it.
  return posted.status === 'thread_gone' ? send({}) : posted;
}

function inLane<T>({ outbound }: DeliveryDeps, mayWrite: () => boolean, write: () => Promise<T>): Promise<T> {
  return outbound.inLane('notification', write, {
    writing: async () => {
      if (!mayWrite()) throw new NotSent('dropped');
    },
  });
}

async function record(
  deps: DeliveryDeps,
  notice: Notice,
  outcome: Outcome<number>,
  known: number | undefined,
): Promise<Delivered> {
  const { notices, groups } = deps.services;
  if (outcome.status === 'ok' || outcome.status === 'not_modified') {
    const messageId = outcome.status === 'ok' ? outcome.value : known;
    if (messageId !== undefined) await notices.shown(notice.id, notice.wantedRevision, messageId);
    return done;
  }
  deps.logger.info({ notice_id: notice.id, status: outcome.status }, 'A notice was not shown');
  switch (outcome.status) {
    case 'migrated': {
      const group = notice.targetKind === 'group' ? await groups.find(notice.targetId) : undefined;
      if (group) await groups.migrate(group.telegramChatId, outcome.toChatId);
      return retry(deps, notice, 0, 'the group has a new id');
    }
    case 'dead_chat':
      await closeChat(deps, notice);
      return dead(deps, notice, outcome.description);
    case 'lost':
      // It may be there. Sending once more risks one double; after that the doubt is only recorded.
      if (known === undefined && notice.lastError === doubt) return dead(deps, notice, doubt);
      return retry(deps, notice, backoff(notice), known === undefined ? doubt : 'the answer was lost');
    case 'refused':
      return dead(deps, notice, outcome.description);
    default:
      return retry(deps, notice, delayOf(outcome, notice), outcome.status);
  }
}

async function dead({ services }: DeliveryDeps, notice: Notice, reason: string): Promise<Delivered> {
  await services.notices.dead(notice.id, clip(reason, maxReason));
  return done;
}

async function retry(
  { services }: DeliveryDeps,
  notice: Notice,
  againInMs: number,
  reason: string,
): Promise<Delivered> {
  await services.notices.retry(notice.id, againInMs, reason);
  return { againInMs };
}

/** Later notices of this target need not find out anew. */
async function closeChat({ services, privateChats }: DeliveryDeps, notice: Notice): Promise<void> {
  if (notice.targetKind === 'group') await services.groups.setActive(notice.targetId, false);
  else await privateChats.change(notice.targetId, { reachable: false });
}

/** Milliseconds, doubling from one second to about a minute. */
function backoff({ attempts }: Notice): number {
  return 1_000 * 2 ** Math.min(Math.max(attempts - 1, 0), 6);
}

function delayOf(failure: Failure, notice: Notice): number {
  return failure.status === 'limited' ? failure.retryAfterMs : backoff(notice);
}
