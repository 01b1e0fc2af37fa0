/** What Telegram lets a bot do; a little is kept for finals so that an answer never waits for its own previews. */
export interface OutboundLimits {
  /** In any `windowMs`, messages and edits counted apart. */
  perChat: Record<'private' | 'group', { count: number; windowMs: number; keptForFinals: number }>;
  /** Calls a second over all chats and instances; previews and typing have as many of their own. */
  perSecond: number;
  /** How many of them may go within one moment. */
  burst: number;
  /** Calls that may wait for one chat. */
  waitingPerChat: number;
}

/** Bots FAQ: about one message a second in a chat with short bursts, 20 a minute in a group, 30 a second in all. */
export const telegramLimits: OutboundLimits = {
  perChat: {
    private: { count: 5, windowMs: 5_000, keptForFinals: 1 },
    group: { count: 20, windowMs: 60_500, keptForFinals: 3 },
  },
  perSecond: 30,
  burst: 5,
  waitingPerChat: 200,
};
