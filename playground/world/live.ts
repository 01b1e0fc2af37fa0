// The short-lived side of chats: drafts, typing, button presses that wait for their answer.
// None of it survives a restart, as on Telegram.
import type { MessageEntity } from 'grammy/types';
import type { Changes } from './changes.ts';

export interface Draft {
  draft_id: number;
  text: string;
  entities: MessageEntity[];
  can_stop: boolean;
  keep_on_stop: boolean;
  stopped: boolean;
  topic?: number;
}

export interface Typing {
  action: string;
  /** Milliseconds since 1970. */
  until: number;
  topic?: number;
}

interface Press {
  id: string;
  person: number;
  chat: number;
  message_id: number;
  at: number;
  answer?: { text: string; alert: boolean; url: string };
}

const PRESSES_KEPT = 1000;
const STOPPED_KEPT = 1000;

interface LiveTimes {
  /** Bot API: a draft dies 30 s after its last revision. */
  draftLifeMs: number;
  /** Telegram refuses answers to presses that are older than about a minute. */
  queryLifeMs: number;
}

export class Live {
  readonly #changes: Changes;
  readonly times: LiveTimes;
  readonly #drafts = new Map<number, { draft: Draft; timer: NodeJS.Timeout }>();
  readonly #typing = new Map<number, Typing>();
  readonly #presses = new Map<string, Press>();
  readonly #stopped = new Set<string>();
  #lastPress = 0n;

  constructor(changes: Changes, times: LiveTimes) {
    this.#changes = changes;
    this.times = times;
  }

  draft(chat: number): Draft | undefined {
    return this.#drafts.get(chat)?.draft;
  }

  /** A new revision restarts the draft's life. One draft a chat: another draft_id takes its place. */
  setDraft(chat: number, draft: Draft): void {
    this.#typing.delete(chat);
    if (this.#stopped.has(`${chat}:${draft.draft_id}`)) return;
    clearTimeout(this.#drafts.get(chat)?.timer);
    const timer = setTimeout(() => this.removeDraft(chat), this.times.draftLifeMs);
    timer.unref();
    this.#drafts.set(chat, { draft, timer });
    this.#changes.tell({ type: 'draft', chat, draft });
  }

  removeDraft(chat: number): void {
    const held = this.#drafts.get(chat);
    if (!held) return;
    clearTimeout(held.timer);
    this.#drafts.delete(chat);
    this.#changes.tell({ type: 'draft_gone', chat, draft_id: held.draft.draft_id });
  }

  /** The person pressed Stop: later revisions of this draft are not shown. */
  stopDraft(chat: number): Draft | undefined {
    const held = this.#drafts.get(chat);
    if (!held || held.draft.stopped || !held.draft.can_stop) return undefined;
    this.#stopped.add(`${chat}:${held.draft.draft_id}`);
    if (this.#stopped.size > STOPPED_KEPT) this.#stopped.delete([...this.#stopped][0] ?? '');
    held.draft.stopped = true;
    if (held.draft.keep_on_stop) this.#changes.tell({ type: 'draft', chat, draft: held.draft });
    else this.removeDraft(chat);
    return held.draft;
  }

  typing(chat: number): Typing | undefined {
    const typing = this.#typing.get(chat);
    return typing && typing.until > Date.now() ? typing : undefined;
  }

  setTyping(chat: number, typing: Typing): void {
    this.#typing.set(chat, typing);
    this.#changes.tell({ type: 'typing', chat, typing });
  }

  clearTyping(chat: number): void {
    this.#typing.delete(chat);
  }

  addPress(press: Omit<Press, 'id' | 'at'>): Press {
    this.#lastPress += 1n;
    const id = (4_000_000_000_000_000n + BigInt(Date.now()) * 1000n + this.#lastPress).toString();
    const added: Press = { ...press, id, at: Date.now() };
    this.#presses.set(id, added);
    if (this.#presses.size > PRESSES_KEPT) this.#presses.delete([...this.#presses.keys()][0] ?? '');
    return added;
  }

  press(id: string): Press | undefined {
    return this.#presses.get(id);
  }

  /** False when the press is unknown, too old or answered already. */
  answerPress(id: string, answer: { text: string; alert: boolean; url: string }): boolean {
    const press = this.#presses.get(id);
    if (!press || press.answer || Date.now() - press.at > this.times.queryLifeMs) return false;
    press.answer = answer;
    this.#changes.tell({ type: 'answer', person: press.person, query: id, ...answer });
    return true;
  }

  close(): void {
    for (const { timer } of this.#drafts.values()) clearTimeout(timer);
    this.#drafts.clear();
  }
}
