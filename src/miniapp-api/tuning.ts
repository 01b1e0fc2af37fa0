/** Times and counts of the protocols, in milliseconds where not said otherwise. Tests make them short. */
export interface Tuning {
  /** Until a new socket must have signed in. */
  authMs: number;
  /** Between two pings of the server. */
  heartbeatMs: number;
  /** A peer that says nothing for this long, not even pong, is dropped. */
  silentMs: number;
  /** A socket that does nothing but live is closed after this long. */
  idleMs: number;
  /** Comments that keep an event stream open through proxies. */
  sseHeartbeatMs: number;
  /** How long a peer may take to answer the closing of its socket. */
  goodbyeMs: number;
  /** Count. */
  socketsPerCaller: number;
}

export const defaultTuning: Tuning = {
  authMs: 10_000,
  heartbeatMs: 30_000,
  silentMs: 60_000,
  idleMs: 30 * 60_000,
  sseHeartbeatMs: 15_000,
  goodbyeMs: 1_000,
  socketsPerCaller: 20,
};
