// What the page knows: the last snapshot, kept fresh by events, and what the person at it chose.

export const store = {
  /** The snapshot of http/snapshot.ts, null until it was read. */
  data: null,
  online: false,
  as: null,
  chat: null,
  /** The topic that is open in a forum; 1 is General. */
  topic: 1,
  replyTo: null,
  editing: null,
  panel: null,
  /** "chat:topic" → number of messages that came while another chat was open. */
  unread: new Map(),
  /** Query id → what to do with the bot's answer. */
  presses: new Map(),
  /** Answers that came before the press itself returned. */
  earlyAnswers: new Map(),
};

let renderAll = () => {};
let queued = false;

export function onRender(render) {
  renderAll = render;
}

/** Shows the state again after the current task; many changes make one rendering. */
export function changed() {
  if (queued) return;
  queued = true;
  queueMicrotask(() => {
    queued = false;
    renderAll();
  });
}

export const currentChat = () => store.data?.chats.find((chat) => chat.id === store.chat);
export const person = (id) =>
  store.data.people.find((candidate) => candidate.id === id) ??
  (id === store.data.bot.id ? store.data.bot : undefined);
export const topicOf = (message) => message.message_thread_id ?? 1;
export const openTopic = (chat) => (chat?.forum ? store.topic : undefined);

/** Messages of the open chat and topic. */
export function shownRecords(chat) {
  if (!chat?.forum) return chat?.messages ?? [];
  return chat.messages.filter(({ message }) => topicOf(message) === store.topic);
}

export function readUrl() {
  const query = new URLSearchParams(location.search);
  store.as = query.get('as');
  store.chat = query.has('chat') ? Number(query.get('chat')) : null;
  store.topic = Number(query.get('topic') ?? 1);
  store.openedByUrl = query.has('chat');
}

export function writeUrl() {
  const query = new URLSearchParams();
  if (store.as) query.set('as', store.as);
  if (store.chat !== null) query.set('chat', store.chat);
  if (currentChat()?.forum) query.set('topic', store.topic);
  history.replaceState(null, '', `${location.pathname}?${query}`);
}

export function openChat(id, topic) {
  store.chat = id;
  store.topic = topic ?? 1;
  store.replyTo = null;
  store.editing = null;
  store.unread.delete(`${id}:${store.topic}`);
  writeUrl();
  changed();
}

/** Applies one event of the stream. */
export function apply(event) {
  const chat = store.data?.chats.find((candidate) => candidate.id === event.chat);
  if (event.type === 'workshop') store.data.workshop = event.workshop;
  if (event.type === 'answer') answer(event);
  if (!chat) return;
  if (event.type === 'message') {
    const known = chat.messages.some(({ message }) => message.message_id === event.record.message.message_id);
    if (!known) chat.messages.push(event.record);
    if (event.record.message.from?.id === store.data.bot.id) {
      chat.typing = null;
      chat.draft = null;
    }
    countUnread(chat, event.record.message);
    if (event.record.message.from?.id === store.data.me.id) chat.started = true;
  }
  const held = chat.messages.find(({ message }) => message.message_id === event.message_id);
  if (event.type === 'edited') {
    const at = chat.messages.findIndex(
      ({ message }) => message.message_id === event.record.message.message_id,
    );
    if (at >= 0) chat.messages[at] = event.record;
  }
  if (event.type === 'deleted') chat.messages = chat.messages.filter((record) => record !== held);
  if (event.type === 'reactions' && held) held.reactions = event.reactions;
  if (event.type === 'draft') chat.draft = event.draft;
  if (event.type === 'draft_gone' && chat.draft?.draft_id === event.draft_id) chat.draft = null;
  if (event.type === 'typing') {
    chat.typing = event.typing;
    setTimeout(changed, event.typing.until - Date.now() + 50);
  }
}

function countUnread(chat, message) {
  const open = chat.id === store.chat && (!chat.forum || topicOf(message) === store.topic);
  if (message.from?.id === store.data.me.id || (open && !document.hidden)) return;
  const key = `${chat.id}:${chat.forum ? topicOf(message) : 1}`;
  store.unread.set(key, (store.unread.get(key) ?? 0) + 1);
}

export function unreadOf(chat) {
  let sum = 0;
  for (const [key, count] of store.unread) if (key.startsWith(`${chat.id}:`)) sum += count;
  return sum;
}

function answer(event) {
  const waiting = store.presses.get(event.query);
  if (waiting) {
    store.presses.delete(event.query);
    waiting(event);
  } else {
    store.earlyAnswers.set(event.query, event);
    if (store.earlyAnswers.size > 50) store.earlyAnswers.delete(store.earlyAnswers.keys().next().value);
  }
}
