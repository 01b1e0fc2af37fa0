// One run's log as an AG-UI client sees it: its own thread and run ids in the events, the state right after the start,
// and numbers that a client can resume from.
import { EventType, type StateSnapshotEvent } from '@ag-ui/core';
import type { FollowedEvent, RunEvent } from '#shared/conversations/run.ts';

export interface AguiEvent {
  /** Dense from 1; also counts the inserted STATE_SNAPSHOT. */
  seq: number;
  event: RunEvent;
}

export interface AguiView {
  /** After which number of the log to read for a client that has seen `seen` events. */
  logPosition(seen: number): number;
  /** The events that a client which has seen `seen` of them has not. */
  events(followed: FollowedEvent, seen: number): AguiEvent[];
}

/**
 * The log's first event is RUN_STARTED; the snapshot of the client's own state follows it as number 2, and everything
 * later is one further than in the log.
 */
export function aguiView(ids: { threadId: string; runId: string }, state: unknown): AguiView {
  const snapshot: StateSnapshotEvent = { type: EventType.STATE_SNAPSHOT, snapshot: state ?? {} };
  return {
    // One who has seen only RUN_STARTED needs the snapshot, which is made from that event.
    logPosition: (seen) => (seen < 2 ? 0 : seen - 1),
    events: ({ seq, event }, seen) => {
      const own = withIds(event, ids);
      const all =
        seq === 1
          ? [
              { seq: 1, event: own },
              { seq: 2, event: snapshot },
            ]
          : [{ seq: seq + 1, event: own }];
      return all.filter((each) => each.seq > seen);
    },
  };
}

function withIds(event: RunEvent, ids: { threadId: string; runId: string }): RunEvent {
  return event.type === EventType.RUN_STARTED || event.type === EventType.RUN_FINISHED
    ? { ...event, ...ids }
    : event;
}

/** `Last-Event-ID` is `<runId>:<seq>`; undefined when it belongs to another run or cannot be read. */
export function seenEvents(lastEventId: string, runId: string): number | undefined {
  const at = lastEventId.lastIndexOf(':');
  const digits = lastEventId.slice(at + 1);
  if (at < 0 || lastEventId.slice(0, at) !== runId || !/^\d{1,9}$/.test(digits)) return undefined;
  return Number(digits);
}
