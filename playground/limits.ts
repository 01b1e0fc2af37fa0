// Counts what the bot sends as Telegram does, and refuses what goes over.
// Bots FAQ: 20 messages a minute to a group, about 30 messages a second over all chats.
import { tooManyRequests } from './checks/errors.ts';

export interface LimitSettings {
  perSecond: number;
  groupMessagesPerMinute: number;
  groupEditsPerMinute: number;
}

export const TELEGRAM_LIMITS: LimitSettings = {
  perSecond: 30,
  groupMessagesPerMinute: 20,
  groupEditsPerMinute: 20,
};

export interface ChatCounters {
  chat: number;
  lastSecond: number;
  messagesLastMinute: number;
  editsLastMinute: number;
  draftsLastMinute: number;
  /** The most calls of any kind within one second so far. */
  peakPerSecond: number;
}

export type SendKind = 'message' | 'edit' | 'draft';
interface Sent {
  kind: SendKind;
  chat: number;
  at: number;
}

/** Enough to count with; more are sent only where nothing is enforced. */
const SENT_KEPT = 2000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

export class Limits {
  readonly #settings: LimitSettings | undefined;
  readonly #peaks = new Map<number, number>();
  #sent: Sent[] = [];

  /** Without settings it only counts. */
  constructor(settings: LimitSettings | undefined) {
    this.#settings = settings;
  }

  /** Counts one call, or throws 429 with the seconds until there is room again. */
  take(kind: SendKind, chat: number, isGroup: boolean): void {
    const now = Date.now();
    this.#sent = this.#sent.filter((sent) => sent.at > now - MINUTE);
    const settings = this.#settings;
    if (settings && kind !== 'draft') {
      const all = this.#sent.filter((sent) => sent.kind !== 'draft' && sent.at > now - SECOND);
      if (all.length >= settings.perSecond) throw tooManyRequests(1);
      const same = this.#sent.filter((sent) => sent.chat === chat && sent.kind === kind);
      const most = kind === 'message' ? settings.groupMessagesPerMinute : settings.groupEditsPerMinute;
      const oldest = same[same.length - most];
      if (isGroup && oldest)
        throw tooManyRequests(Math.max(1, Math.ceil((oldest.at + MINUTE - now) / SECOND)));
    }
    this.#sent.push({ kind, chat, at: now });
    if (this.#sent.length > SENT_KEPT) this.#sent.shift();
    const peak = this.#sent.filter((sent) => sent.chat === chat && sent.at > now - SECOND).length;
    this.#peaks.set(chat, Math.max(peak, this.#peaks.get(chat) ?? 0));
  }

  counters(): ChatCounters[] {
    const now = Date.now();
    const recent = this.#sent.filter((sent) => sent.at > now - MINUTE);
    return [...this.#peaks].map(([chat, peakPerSecond]) => {
      const mine = recent.filter((sent) => sent.chat === chat);
      const count = (kind: SendKind) => mine.filter((sent) => sent.kind === kind).length;
      return {
        chat,
        lastSecond: mine.filter((sent) => sent.at > now - SECOND).length,
        messagesLastMinute: count('message'),
        editsLastMinute: count('edit'),
        draftsLastMinute: count('draft'),
        peakPerSecond,
      };
    });
  }
}
