// What the page shows to one person: their chats, and the workshop data of the side panel.
import type { BotCommand, User } from 'grammy/types';
import type { Json } from '../checks/params.ts';
import type { Playground } from '../telegram.ts';
import type { ChatRecord, CommandSet, Person } from '../world/state.ts';
import type { World } from '../world/world.ts';

const MESSAGES_SHOWN = 200;
const CALLS_READ = 300;
const CALLS_SHOWN = 40;
const TEXT_SHOWN = 400;

export function snapshot(playground: Playground, world: World, me: Person) {
  const { miniAppName = 'app', miniAppUrl } = playground.options;
  return {
    bot: { ...world.botUser(), about: about(world, me) },
    miniApp: { name: miniAppName, url: miniAppUrl, origin: new URL(miniAppUrl).origin },
    me,
    people: world.state.people,
    chats: [world.privateChat(me.id), ...world.groups()].map((record) => chatView(world, record, me)),
    workshop: workshop(playground),
  };
}

export function workshop(playground: Playground) {
  return {
    calls: lastCalls(playground),
    faults: playground.faults.waiting,
    counters: playground.counters(),
    pending: playground.pendingUpdates.length,
  };
}

interface ShownCall {
  method: string;
  payload: Json;
  at: number;
  /** Why it was refused. */
  description?: string;
  count: number;
}

/** Newest first. Accepted calls of one method in a row are one line: a streamed answer has dozens of drafts. */
function lastCalls({ outbox, refused }: Playground): ShownCall[] {
  const all = [...outbox.slice(-CALLS_READ), ...refused.slice(-CALLS_READ)].sort((a, b) => b.at - a.at);
  const shown: ShownCall[] = [];
  for (const call of all) {
    const { method, payload, at } = call;
    const last = shown.at(-1);
    if ('description' in call)
      shown.push({ method, payload: shortened(payload), at, description: call.description, count: 1 });
    else if (last?.method === method && last.description === undefined) last.count += 1;
    else shown.push({ method, payload: shortened(payload), at, count: 1 });
    if (shown.length > CALLS_SHOWN) break;
  }
  return shown;
}

function shortened(payload: Json): Json {
  const cut = (value: unknown) =>
    typeof value === 'string' && value.length > TEXT_SHOWN ? `${value.slice(0, TEXT_SHOWN)}…` : value;
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, cut(value)]));
}

function chatView(world: World, record: ChatRecord, me: Person) {
  const joined = world.isMember(record, me.id);
  const shared = {
    id: record.id,
    kind: record.kind,
    joined,
    messages: joined ? record.messages.slice(-MESSAGES_SHOWN) : [],
    commands: commandsFor(world, record, me),
    draft: world.live.draft(record.id) ?? null,
    typing: world.live.typing(record.id) ?? null,
  };
  if (record.kind === 'private') {
    const menuButton = record.menuButton ?? world.state.menuButton;
    return {
      ...shared,
      title: world.bot.first_name,
      started: record.started,
      blocked: record.blocked,
      menuButton,
    };
  }
  const members: { user: User; status: string }[] = Object.entries(record.members).flatMap(([id, status]) => {
    const user = world.user(Number(id));
    return user && world.isMember(record, user.id) ? [{ user, status }] : [];
  });
  const { title, type, username, forum, topics } = record;
  const bot = record.members[world.bot.id] ?? 'left';
  return { ...shared, title, type, username: username ?? null, forum, topics, members, bot };
}

function about(world: World, me: Person): string {
  const texts = world.state.texts.filter((held) => held.kind === 'description');
  const mine =
    texts.find((held) => held.language === me.language_code) ?? texts.find((held) => held.language === '');
  return mine?.text ?? '';
}

/** Bot API, "Determining list of commands": the narrowest scope that has commands, the person's language first. */
function commandsFor(world: World, record: ChatRecord, me: Person): BotCommand[] {
  const admin = world.isAdmin(record, me.id);
  const is = (type: CommandSet['scope']['type']) => (set: CommandSet) =>
    set.scope.type === type && (!('chat_id' in set.scope) || set.scope.chat_id === record.id);
  const order = [
    (set: CommandSet) => is('chat_member')(set) && 'user_id' in set.scope && set.scope.user_id === me.id,
    ...(admin ? [is('chat_administrators')] : []),
    is('chat'),
    ...(admin ? [is('all_chat_administrators')] : []),
    is(record.kind === 'private' ? 'all_private_chats' : 'all_group_chats'),
    is('default'),
  ];
  for (const fits of order) {
    for (const language of [me.language_code?.slice(0, 2) ?? '', '']) {
      const found = world.state.commands.find((set) => set.language === language && fits(set));
      if (found) return found.commands;
    }
  }
  return [];
}
