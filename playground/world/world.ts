// The model of Telegram that everything else works on: who exists, which chats there are, what was said.
import type { Chat, ChatMember, Message, Update, User, UserFromGetMe } from 'grammy/types';
import { chatNotFound, migrated } from '../checks/errors.ts';
import type { UpdateQueue } from '../updates/queue.ts';
import type { Changes } from './changes.ts';
import type { Live } from './live.ts';
import { chatMember, toChat } from './objects.ts';
import type { ChatRecord, GroupRecord, MessageRecord, Person, PrivateRecord, WorldState } from './state.ts';
import { botSees } from './visibility.ts';

const MESSAGES_KEPT = 2000;
const MAX_CHATS = 500;

export type Content = Omit<Partial<Message>, 'message_id' | 'date' | 'chat' | 'from'>;

interface WorldParts {
  state: WorldState;
  bot: UserFromGetMe;
  changes: Changes;
  updates: UpdateQueue;
  live: Live;
}

export class World {
  readonly state: WorldState;
  readonly bot: UserFromGetMe;
  readonly changes: Changes;
  readonly updates: UpdateQueue;
  readonly live: Live;

  constructor({ state, bot, changes, updates, live }: WorldParts) {
    this.state = state;
    this.bot = bot;
    this.changes = changes;
    this.updates = updates;
    this.live = live;
  }

  user(id: number): User | undefined {
    return id === this.bot.id ? this.botUser() : this.person(id);
  }

  /** The bot as it appears in messages, without the fields that only getMe gives. */
  botUser(): User {
    const { id, first_name, username } = this.bot;
    return { id, is_bot: true, first_name, username };
  }

  person(id: number): Person | undefined {
    return this.state.people.find((person) => person.id === id);
  }

  personNamed(username: string): Person | undefined {
    const name = username.toLowerCase();
    return this.state.people.find((person) => person.username?.toLowerCase() === name);
  }

  chat(id: number): ChatRecord | undefined {
    return this.state.chats.find((chat) => chat.id === id);
  }

  /** The chat a call names by id or @username. Throws what Telegram answers for unknown and for upgraded ones. */
  requireChat(reference: string): ChatRecord {
    if (reference.startsWith('@')) {
      const name = reference.slice(1).toLowerCase();
      const named = this.groups().find((group) => group.username?.toLowerCase() === name);
      if (!named) throw chatNotFound();
      return named;
    }
    const id = Number(reference);
    const moved = this.state.migrations.find((migration) => migration.from === id);
    if (moved) throw migrated(moved.to);
    const chat = this.chat(id) ?? (this.person(id) ? this.privateChat(id) : undefined);
    if (!chat) throw chatNotFound();
    return chat;
  }

  privateChat(person: number): PrivateRecord {
    const known = this.chat(person);
    if (known?.kind === 'private') return known;
    const record: PrivateRecord = {
      kind: 'private',
      id: person,
      person,
      started: false,
      blocked: false,
      nextMessageId: 1,
      messages: [],
    };
    this.addChat(record);
    return record;
  }

  addChat(record: ChatRecord): void {
    if (this.state.chats.length >= MAX_CHATS)
      throw new Error(`The playground holds ${MAX_CHATS} chats at most`);
    this.state.chats.push(record);
  }

  groups(): GroupRecord[] {
    return this.state.chats.filter((chat) => chat.kind === 'group');
  }

  chatOf(record: ChatRecord): Chat {
    return toChat(record, (id) => this.person(id));
  }

  memberOf(record: ChatRecord, user: User): ChatMember {
    return chatMember(user, record.kind === 'group' ? (record.members[user.id] ?? 'left') : 'member');
  }

  isMember(record: ChatRecord, user: number): boolean {
    if (record.kind === 'private') return user === record.person || user === this.bot.id;
    const status = record.members[user];
    return status === 'creator' || status === 'administrator' || status === 'member';
  }

  isAdmin(record: ChatRecord, user: number): boolean {
    if (record.kind === 'private') return false;
    return record.members[user] === 'creator' || record.members[user] === 'administrator';
  }

  message(record: ChatRecord, id: number | undefined): MessageRecord | undefined {
    return record.messages.findLast((held) => held.message.message_id === id);
  }

  /** Puts a message into a chat, shows it to people, and hands it to the bot when the bot may see it. */
  append(record: ChatRecord, from: User, content: Content, markup?: MessageRecord['markup']): Message {
    const message: Message = {
      message_id: record.nextMessageId,
      from,
      date: Math.floor(Date.now() / 1000),
      chat: this.chatOf(record),
      ...content,
    };
    record.nextMessageId += 1;
    const held: MessageRecord = { message, reactions: [], ...(markup ? { markup } : {}) };
    record.messages.push(held);
    if (record.messages.length > MESSAGES_KEPT) record.messages.shift();
    this.changes.tell({ type: 'message', chat: record.id, record: held });
    if (from.id !== this.bot.id && botSees(this, record, message)) {
      this.updates.push('message', message as Message & Update.NonChannel);
    }
    return message;
  }
}
