// Talks to the server: the snapshot, actions, the event stream.
import { toast } from './dom.js';
import { apply, changed, store } from './store.js';

const EVENTS = ['message', 'edited', 'deleted', 'reactions', 'draft', 'draft_gone', 'typing', 'answer'];
let stream = null;
let refreshing = null;

/** Does something as the current person. Mistakes are shown; undefined is returned then. */
export async function act(action, body = {}) {
  try {
    const response = await fetch(`/playground/api/${action}?as=${encodeURIComponent(store.as ?? '')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await read(response);
  } catch (error) {
    toast(error instanceof TypeError ? 'The playground does not answer' : error.message, 'bad');
    return undefined;
  }
}

export async function upload(file, options) {
  const query = new URLSearchParams({ as: store.as ?? '', name: file.name, ...options });
  try {
    const type = file.type || 'application/octet-stream';
    return await read(
      await fetch(`/playground/api/upload?${query}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: file,
      }),
    );
  } catch (error) {
    toast(error instanceof TypeError ? 'The playground does not answer' : error.message, 'bad');
    return undefined;
  }
}

async function read(response) {
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? answer.description ?? 'The playground failed');
  return answer;
}

/** Reads everything anew. Calls that come meanwhile make one more reading, not many. */
export async function refresh() {
  if (refreshing) {
    refreshing.again = true;
    return;
  }
  refreshing = { again: false };
  const { as } = store;
  try {
    const data = await read(await fetch(`/playground/api/state?as=${encodeURIComponent(as ?? '')}`));
    if (as === store.as && data.me) {
      store.data = data;
      store.as = data.me.username ?? String(data.me.id);
      keepChat(data);
    }
  } catch {
    store.online = false;
  }
  const { again } = refreshing;
  refreshing = null;
  if (again || (as !== null && as !== store.as && !store.data)) await refresh();
  changed();
}

/** A group that was upgraded has another id; the page follows it. */
function keepChat(data) {
  const found = data.chats.find((chat) => chat.id === store.chat);
  if (found) return;
  const heir = data.chats.find((chat) =>
    chat.messages.some(({ message }) => message.migrate_from_chat_id === store.chat),
  );
  const narrow = matchMedia('(max-width: 760px)').matches;
  store.chat = heir?.id ?? (narrow ? null : (data.chats[0]?.id ?? null));
}

export function listen() {
  stream?.close();
  const mine = new EventSource(`/playground/api/events?as=${encodeURIComponent(store.as ?? '')}`);
  stream = mine;
  // What happened while the line was down is in the snapshot.
  mine.addEventListener('hello', () => {
    store.online = true;
    void refresh();
  });
  mine.addEventListener('refresh', () => void refresh());
  mine.addEventListener('workshop', (event) => {
    if (store.data) store.data.workshop = JSON.parse(event.data);
    changed();
  });
  for (const name of EVENTS) {
    mine.addEventListener(name, (event) => {
      if (mine !== stream || !store.data) return;
      apply(JSON.parse(event.data));
      if (refreshing) refreshing.again = true;
      changed();
    });
  }
  mine.addEventListener('error', () => {
    store.online = false;
    changed();
  });
}
