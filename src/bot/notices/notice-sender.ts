// Makes the chats agree with the notices: a first message, then edits of that same message.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Api } from 'grammy';
import type { Notice } from '#shared/notifications/entities.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Services } from '#shared/services.ts';
import type { Links } from '../links.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { attempt, type Failure, type Outcome } from '../outbound/outcome.ts';
import { clip } from '../say.ts';
import type { PrivateChats } from '../state/private-chats.ts';
import { goneText, type NoticeMessage, noticeMessage } from './notice-message.ts';
import { findTarget, type Target } from './notice-target.ts';

export interface NoticeSenderDeps {
  api: Api;
  outbound: Pick<Outbound, 'inLane'>;
  services: Pick<Services, 'notices' | 'workflows' | 'groups' | 'people'>;
  privateChats: PrivateChats;
  links: Links;
  logger: Logger;
  /** Milliseconds between looks when nobody says that something is due. @default 15000 */
  lookEveryMs?: number;
}

const batch = 20;
/** Recorded as the reason of a first message whose answer was lost; a second loss ends it. */
const doubt = 'in doubt: the answer to sending was lost';

export class NoticeSender {
  readonly #deps: NoticeSenderDeps;
  readonly #outside = AsyncLocalStorage.snapshot();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;
  #working: Promise<void> | undefined;
  #again = false;
  #stopped = true;

  constructor(deps: NoticeSenderDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stopped = false;
    this.#unsubscribe = this.#deps.services.notices.onDue(() => this.#wake());
    this.#timer = setInterval(() => this.#wake(), this.#deps.lookEveryMs ?? 15_000);
    this.#wake();
  }

  /** Finishes what it holds, and takes nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    clearInterval(this.#timer);
    await this.#working;
  }

  #wake(): void {
    if (this.#stopped) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    // Not in the context of whoever woke it: that may hold a transaction.
    this.#working = this.#outside(() => this.#work()).finally(() => {
      this.#working = undefined;
      if (this.#again) {
        this.#again = false;
        this.#wake();
      }
    });
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    try {
      for (;;) {
        if (this.#stopped) return;
        const due = await this.#deps.services.notices.claimDue(batch);
        // Chats beside each other, the notices of one chat in order.
        const chats = Map.groupBy(due, ({ targetId }) => targetId);
        await Promise.all([...chats.values()].map((notices) => this.#sendAll(notices)));
        if (due.length < batch) return;
      }
    } catch (error) {
      this.#deps.logger.error({ error }, 'Due notices could not be read; trying again with the next look');
    }
  }

  async #sendAll(notices: readonly Notice[]): Promise<void> {
    for (const notice of notices) {
      try {
        await this.#send(notice);
      } catch (error) {
        this.#deps.logger.error({ error, notice_id: notice.id }, 'A notice could not be sent');
        await this.#retry(notice, backoff(notice), error instanceof Error ? error.name : 'unknown').catch(
          () => {
            // The database is away: the claim runs out, and the notice is due again.
          },
        );
      }
    }
  }

  async #send(notice: Notice): Promise<void> {
    const { services, privateChats, links } = this.#deps;
    const target = await findTarget(notice, { ...services, privateChats });
    if (target.status === 'none') return services.notices.dead(notice.id, target.reason);
    const task = await services.workflows.taskForNotice(notice.subjectId, target.reader.language);
    const known = notice.messageId ?? undefined;
    if (!task && known === undefined) return services.notices.dead(notice.id, 'the task is gone');
    const message = task ? noticeMessage(task, target, links) : goneText(target.reader);
    const edited = known === undefined ? undefined : await this.#edit(target, known, message);
    if (edited && edited.status !== 'gone') return this.#record(notice, edited, known);
    await this.#record(notice, await this.#post(target, message));
  }

  #edit(target: Target, messageId: number, message: NoticeMessage): Promise<Outcome<number>> {
    const { api, outbound } = this.#deps;
    const { text, entities, keyboard } = message;
    return attempt(async () => {
      await outbound.inLane('notification', () =>
        api.editMessageText(target.chatId, messageId, text, {
          entities,
          reply_markup: { inline_keyboard: keyboard },
        }),
      );
      return messageId;
    });
  }

  async #post(target: Target, message: NoticeMessage): Promise<Outcome<number>> {
    const { api, outbound } = this.#deps;
    const { text, entities, keyboard } = message;
    const post = (topicId: number | undefined) =>
      attempt(async () => {
        const sent = await outbound.inLane('notification', () =>
          api.sendMessage(target.chatId, text, {
            entities,
            reply_markup: { inline_keyboard: keyboard },
            ...(topicId === undefined ? {} : { message_thread_id: topicId }),
          }),
        );
        return sent.message_id;
      });
    const posted = await post(target.topicId);
    // The topic was deleted or closed: then everybody sees it.
    return posted.status === 'thread_gone' && target.topicId !== undefined ? post(undefined) : posted;
  }

  async #record(notice: Notice, outcome: Outcome<number>, known?: number): Promise<void> {
    const { notices, groups } = this.#deps.services;
    if (outcome.status === 'ok') return notices.shown(notice.id, notice.wantedRevision, outcome.value);
    if (outcome.status === 'not_modified' && known !== undefined) {
      return notices.shown(notice.id, notice.wantedRevision, known);
    }
    this.#deps.logger.info({ notice_id: notice.id, status: outcome.status }, 'A notice was not shown');
    switch (outcome.status) {
      case 'migrated': {
        const group = notice.targetKind === 'group' ? await groups.find(notice.targetId) : undefined;
        if (group) await groups.migrate(group.telegramChatId, outcome.toChatId);
        return this.#retry(notice, 0, 'the group has a new id');
      }
      case 'dead_chat':
        await this.#closeChat(notice);
        return notices.dead(notice.id, clip(outcome.description, 200));
      case 'lost':
        // It may be there. Sending once more risks one double; after that the doubt is only recorded.
        if (known === undefined && notice.lastError === doubt) return notices.dead(notice.id, doubt);
        return this.#retry(notice, backoff(notice), known === undefined ? doubt : 'the answer was lost');
      case 'refused':
        return notices.dead(notice.id, clip(outcome.description, 200));
      default:
        return this.#retry(notice, delayOf(outcome, notice), outcome.status);
    }
  }

  /** Later notices of this target need not find out anew. */
  async #closeChat(notice: Notice): Promise<void> {
    if (notice.targetKind === 'person') {
      await this.#deps.privateChats.change(notice.targetId, { reachable: false });
    } else {
      await this.#deps.services.groups.setActive(notice.targetId, false);
    }
  }

  async #retry(notice: Notice, afterMs: number, reason: string): Promise<void> {
    await this.#deps.services.notices.retry(notice.id, afterMs, reason);
    if (this.#stopped) return;
    // Sooner than the next look, when that is further away.
    if (afterMs < 15_000) setTimeout(() => this.#wake(), afterMs + 50).unref();
  }
}

/** Doubling from one second to about a minute. */
function backoff({ attempts }: Notice): number {
  return 1_000 * 2 ** Math.min(Math.max(attempts - 1, 0), 6);
}

function delayOf(failure: Failure, notice: Notice): number {
  return failure.status === 'limited' ? failure.retryAfterMs : backoff(notice);
}
