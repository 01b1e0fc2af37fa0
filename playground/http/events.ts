// One event stream a page: what changes in the chats of the person it shows.
import type { ServerResponse } from 'node:http';
import type { Playground } from '../telegram.ts';
import type { Change } from '../world/changes.ts';
import type { Person } from '../world/state.ts';
import type { World } from '../world/world.ts';
import { workshop } from './snapshot.ts';

const HEARTBEAT_MS = 15_000;
const WORKSHOP_DELAY_MS = 150;
/** A page that reads slower than this is cut off; it reconnects and reads everything anew. */
const MAX_UNSENT = 4 * 1024 * 1024;

export function streamEvents(
  { playground, world, closed }: { playground: Playground; world: World; closed: AbortSignal },
  me: Person,
  res: ServerResponse,
): void {
  res.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  const send = (event: string, data: unknown) => {
    res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (res.writableLength > MAX_UNSENT) res.destroy();
  };
  let soon: NodeJS.Timeout | undefined;
  const workshopSoon = () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      send('workshop', workshop(playground));
    }, WORKSHOP_DELAY_MS);
  };
  const stop = world.changes.listen((change) => {
    if (change.type === 'call' || change.type === 'update') workshopSoon();
    else if (change.type === 'chat' || change.type === 'people') send('refresh', {});
    else if (concerns(world, change, me)) send(change.type, change);
  });
  const heartbeat = setInterval(() => res.write(': still here\n\n'), HEARTBEAT_MS);
  const end = () => {
    stop();
    clearInterval(heartbeat);
    clearTimeout(soon);
    closed.removeEventListener('abort', end);
    res.end();
  };
  closed.addEventListener('abort', end);
  res.once('close', end);
  res.write('retry: 500\n');
  send('hello', {});
}

function concerns(world: World, change: Change, me: Person): boolean {
  if (change.type === 'answer') return change.person === me.id;
  if (!('chat' in change) || change.chat === undefined) return true;
  const record = world.chat(change.chat);
  return record !== undefined && world.isMember(record, me.id);
}
