// Adding people and groups, so that adding them again at the next start changes nothing.
import { changeMember, createTopic } from './groups.ts';
import type { GroupRecord, Person } from './state.ts';
import type { World } from './world.ts';

const MAX_PEOPLE = 200;

export interface PersonOptions {
  first_name: string;
  last_name?: string;
  username?: string;
  language_code?: string;
}

export interface GroupOptions {
  title: string;
  topics?: string[];
  members: Person[];
  username?: string;
  admins?: Person[];
  /** @default true */
  withBot?: boolean;
  botIsAdmin?: boolean;
  /** A basic group has a short id until it is upgraded. @default 'supergroup' */
  type?: 'group' | 'supergroup';
}

export function makePerson(world: World, options: PersonOptions): Person {
  const known = options.username ? world.personNamed(options.username) : undefined;
  if (known) {
    // The language may have been chosen on the page since; names follow the seed.
    Object.assign(known, { ...options, language_code: known.language_code ?? options.language_code });
    return known;
  }
  if (world.state.people.length >= MAX_PEOPLE)
    throw new Error(`The playground holds ${MAX_PEOPLE} people at most`);
  const person: Person = { id: world.state.nextPersonId, is_bot: false, ...options };
  world.state.nextPersonId += 1;
  world.state.people.push(person);
  world.privateChat(person.id);
  world.changes.tell({ type: 'people' });
  return person;
}

export function makeGroup(world: World, options: GroupOptions): GroupRecord {
  const { title, topics = [], members, username, admins = [], withBot = true } = options;
  const record = world
    .groups()
    .find((group) => (username ? group.username === username : group.title === title));
  const group = record ?? newGroup(world, options);
  for (const name of topics) {
    if (!group.topics.some((topic) => topic.name === name))
      createTopic(world, group, firstOf(members, world), name);
  }
  const people = new Set([...members, ...admins]);
  for (const person of people) {
    if (group.members[person.id] === undefined) {
      group.members[person.id] = admins.includes(person) ? 'administrator' : 'member';
    }
  }
  const bot = world.botUser();
  if (withBot && group.members[bot.id] === undefined) {
    changeMember(world, group, bot, options.botIsAdmin ? 'administrator' : 'member', firstOf(members, world));
  }
  world.changes.tell({ type: 'chat' });
  return group;
}

function newGroup(
  world: World,
  { title, topics, members, username, type = 'supergroup' }: GroupOptions,
): GroupRecord {
  const number = world.state.nextGroupId;
  world.state.nextGroupId += 1;
  const owner = members[0];
  const group: GroupRecord = {
    kind: 'group',
    id: type === 'group' ? -number : -1_000_000_000_000 - number,
    type,
    title,
    ...(username ? { username } : {}),
    forum: (topics?.length ?? 0) > 0,
    topics: [],
    members: owner ? { [owner.id]: 'creator' } : {},
    // Message 1 is taken: as a topic id it means General.
    nextMessageId: 2,
    messages: [],
  };
  world.addChat(group);
  return group;
}

function firstOf(members: Person[], world: World): Person {
  return members[0] ?? world.botUser();
}
