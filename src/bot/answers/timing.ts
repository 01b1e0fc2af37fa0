/** The pace of previews, in milliseconds where nothing else is said. */
export interface Timing {
  /** First preview after so long, or after so many characters. */
  firstMs: number;
  firstChars: number;
  /** When there is no word yet, a message that only says so comes later than a draft that does. */
  placeholderMs: number;
  draftMs: number;
  /** Bot API: a draft dies after 30 s without a revision. */
  draftRefreshMs: number;
  privateEditMs: number;
  groupEditMs: number;
  /** Bot API: the typing status is set for 5 s or less. */
  typingMs: number;
}

export const defaultTiming: Timing = {
  firstMs: 400,
  firstChars: 40,
  placeholderMs: 2_000,
  draftMs: 350,
  draftRefreshMs: 10_000,
  privateEditMs: 1_000,
  groupEditMs: 3_200,
  typingMs: 4_500,
};
