// What a person does, whether a test or the page moves their hands.
import type {
  Chat,
  InlineKeyboardButton,
  Message,
  MessageEntity,
  ReactionType,
  ReactionTypeEmoji,
  Update,
  User,
} from 'grammy/types';
import { detectEntities } from './checks/detect-entities.ts';
import type { UploadedFile } from './checks/params.ts';
import { TEXT_LIMIT } from './checks/text.ts';
import type { Files } from './files.ts';
import { imageSize } from './image-size.ts';
import { type LaunchOptions, launch } from './launch.ts';
import { inTopic } from './methods/call.ts';
import { mediaContent } from './methods/files.ts';
import { bodyOf } from './methods/messages.ts';
import { changeMember, createTopic } from './world/groups.ts';
import { asReplyTarget } from './world/objects.ts';
import type { ChatRecord, GroupRecord, Person, Topic } from './world/state.ts';
import type { Content, World } from './world/world.ts';

/** A chat by id, a group, or the bot or oneself for the private chat with the bot. */
export type ChatRef = number | { id: number };

interface SendOptions {
  /** A topic by id or name. */
  topic?: number | string;
  replyTo?: number | { message_id: number };
  /** Formatting; commands, mentions and links are found without it. */
  entities?: MessageEntity[];
}

interface UploadOptions extends SendOptions {
  as?: 'document' | 'photo' | 'voice';
  caption?: string;
}

interface PressedButton {
  queryId: string;
  /** Resolves with what the bot answered; throws when it does not within the time. */
  answer(options?: { timeoutMs?: number }): Promise<{ text: string; alert: boolean; url: string }>;
}

export interface ActingParts {
  world: World;
  files: Files;
  token: string;
  miniAppUrl: string;
  waitFor: <T>(predicate: () => T, options?: { timeoutMs?: number }) => Promise<NonNullable<T>>;
}

export class ActingPerson {
  readonly person: Person;
  readonly #parts: ActingParts;
  readonly #world: World;

  constructor(person: Person, parts: ActingParts) {
    this.person = person;
    this.#parts = parts;
    this.#world = parts.world;
  }

  /** Sends a text as this person. Throws where a Telegram client would not let them. */
  send(chat: ChatRef, text: string, options: SendOptions = {}): Message {
    const body = text.trim();
    if (body === '' || body.length > TEXT_LIMIT)
      throw new Error(`A message has 1 to ${TEXT_LIMIT} characters`);
    const entities = detectEntities(body, options.entities ?? []);
    return this.#post(chat, options, { text: body, ...(entities.length > 0 ? { entities } : {}) });
  }

  async upload(chat: ChatRef, file: UploadedFile, options: UploadOptions = {}): Promise<Message> {
    const kind = options.as ?? 'document';
    const folders = { document: 'documents', photo: 'photos', voice: 'voice' } as const;
    const size = imageSize(file.bytes);
    if (kind === 'photo' && !size) throw new Error('This file is no image');
    const stored = await this.#parts.files.add(file, folders[kind]);
    const media = mediaContent(kind, { file: stored, size: size ?? { width: 0, height: 0 } });
    return this.#post(chat, options, { ...media, ...(options.caption ? { caption: options.caption } : {}) });
  }

  forward(from: ChatRef, message: number | Message, to: ChatRef, options: SendOptions = {}): Message {
    const { message: source } = this.#held(this.#chat(from), message);
    const origin = source.from
      ? { forward_origin: { type: 'user' as const, date: source.date, sender_user: source.from } }
      : {};
    const kept = source.forward_origin ? { forward_origin: source.forward_origin } : origin;
    return this.#post(to, options, { ...bodyOf(source), ...kept });
  }

  edit(chat: ChatRef, message: number | Message, text: string): Message {
    const record = this.#chat(chat);
    const held = this.#held(record, message);
    if (held.message.from?.id !== this.person.id) throw new Error('People edit only their own messages');
    const { entities: _, ...rest } = held.message;
    const entities = detectEntities(text, []);
    held.message = {
      ...rest,
      text,
      ...(entities.length > 0 ? { entities } : {}),
      edit_date: Math.floor(Date.now() / 1000),
    };
    this.#world.changes.tell({ type: 'edited', chat: record.id, record: held });
    this.#world.updates.push('edited_message', held.message as Edited);
    return held.message;
  }

  /** Telegram tells bots nothing about deleted messages. */
  delete(chat: ChatRef, message: number | Message): void {
    const record = this.#chat(chat);
    const held = this.#held(record, message);
    record.messages = record.messages.filter((other) => other !== held);
    this.#world.changes.tell({ type: 'deleted', chat: record.id, message_id: held.message.message_id });
  }

  /** Presses an inline button, named by its label or its callback data. */
  press(message: Message | { chat: { id: number }; message_id: number }, button: string): PressedButton {
    const record = this.#chat(message.chat);
    const held = this.#held(record, message.message_id);
    const buttons = held.message.reply_markup?.inline_keyboard.flat() ?? [];
    const data = (candidate: InlineKeyboardButton) =>
      'callback_data' in candidate ? candidate.callback_data : undefined;
    const found =
      buttons.find((candidate) => data(candidate) === button) ??
      buttons.find((candidate) => candidate.text === button && data(candidate) !== undefined);
    const payload = found && data(found);
    if (payload === undefined) {
      const there = buttons.map((candidate) => candidate.text).join(', ') || 'none';
      throw new Error(
        `No button "${button}" with callback data on message ${message.message_id}; there are: ${there}`,
      );
    }
    const press = this.#world.live.addPress({
      person: this.person.id,
      chat: record.id,
      message_id: held.message.message_id,
    });
    this.#world.updates.push('callback_query', {
      id: press.id,
      from: this.person,
      message: held.message,
      chat_instance: String(record.id),
      data: payload,
    });
    return {
      queryId: press.id,
      answer: (options) => this.#parts.waitFor(() => press.answer, options),
    };
  }

  /** Presses Telegram's Stop button of a draft. False when no draft with such a button is there. */
  stop(chat: ChatRef = this.person): boolean {
    const record = this.#chat(chat);
    const draft = record.kind === 'private' ? this.#world.live.stopDraft(record.id) : undefined;
    if (!draft) return false;
    this.#world.updates.push('stopped_message_generation', {
      chat: this.#world.chatOf(record) as Private,
      draft_id: draft.draft_id,
      ...(draft.topic === undefined ? {} : { message_thread_id: draft.topic }),
    });
    return true;
  }

  /** null takes the reaction back. */
  react(chat: ChatRef, message: number | Message, emoji: ReactionTypeEmoji['emoji'] | null): void {
    const record = this.#chat(chat);
    const held = this.#held(record, message);
    const mine = (user: number) => user === this.person.id;
    const before = held.reactions.filter((set) => mine(set.user)).map((set) => set.reaction);
    const after: ReactionType[] = emoji ? [{ type: 'emoji', emoji }] : [];
    const others = held.reactions.filter((set) => !mine(set.user));
    held.reactions = [...others, ...after.map((reaction) => ({ user: this.person.id, reaction }))];
    const { message_id } = held.message;
    this.#world.changes.tell({ type: 'reactions', chat: record.id, message_id, reactions: held.reactions });
    if (record.kind === 'group' && !this.#world.isAdmin(record, this.#world.bot.id)) return;
    this.#world.updates.push('message_reaction', {
      chat: this.#world.chatOf(record),
      message_id,
      user: this.person,
      date: Math.floor(Date.now() / 1000),
      old_reaction: before,
      new_reaction: after,
    });
  }

  block(): void {
    this.#setBlocked(true);
  }

  unblock(): void {
    this.#setBlocked(false);
  }

  addBot(group: ChatRef): void {
    const record = this.#group(group);
    changeMember(this.#world, record, this.#world.botUser(), 'member', this.person);
  }

  removeBot(group: ChatRef): void {
    changeMember(this.#world, this.#group(group), this.#world.botUser(), 'kicked', this.person);
  }

  promoteBot(group: ChatRef, admin = true): void {
    const record = this.#group(group);
    changeMember(this.#world, record, this.#world.botUser(), admin ? 'administrator' : 'member', this.person);
  }

  join(group: ChatRef): void {
    const record = this.#world.requireChat(String(idOf(group)));
    if (record.kind === 'group') changeMember(this.#world, record, this.person, 'member', this.person);
  }

  leave(group: ChatRef): void {
    changeMember(this.#world, this.#group(group), this.person, 'left', this.person);
  }

  createTopic(group: ChatRef, name: string): Topic {
    return createTopic(this.#world, this.#group(group), this.person, name);
  }

  setLanguage(code: string): void {
    this.person.language_code = code;
    this.#world.changes.tell({ type: 'people' });
  }

  /** What a keyboard button's Mini App sends back with `sendData`. */
  sendWebAppData(data: string, buttonText: string): Message {
    if (Buffer.byteLength(data) > 4096) throw new Error('Mini Apps send 4096 bytes at most');
    return this.#post(this.person, {}, { web_app_data: { data, button_text: buttonText } });
  }

  /** The signed launch data (`tgWebAppData`) of the Mini App, opened by this person now. */
  signInitData(options: LaunchOptions & { chat?: ChatRef } = {}): string {
    const { chat, ...rest } = options;
    const record = chat === undefined ? undefined : this.#chat(chat);
    return launch(this.#parts, this.person, record, rest).initData;
  }

  /** The whole address with launch parameters in its fragment, as Telegram opens it. */
  openMiniApp(options: LaunchOptions & { chat?: ChatRef; url?: string } = {}): string {
    const { chat, ...rest } = options;
    const record = chat === undefined ? undefined : this.#chat(chat);
    return launch(this.#parts, this.person, record, rest).url;
  }

  #post(chat: ChatRef, options: SendOptions, content: Content): Message {
    const record = this.#chat(chat);
    if (record.kind === 'private') {
      if (record.blocked) throw new Error(`${this.person.first_name} blocked the bot`);
      record.started = true;
    }
    const replied =
      options.replyTo === undefined
        ? undefined
        : this.#held(
            record,
            typeof options.replyTo === 'number' ? options.replyTo : options.replyTo.message_id,
          ).message;
    const named = options.topic === undefined ? undefined : topicId(record, options.topic);
    const topic = named ?? (replied?.is_topic_message ? replied.message_thread_id : undefined);
    return this.#world.append(record, this.person, {
      ...inTopic(this.#world, record, topic),
      ...(replied ? { reply_to_message: asReplyTarget(replied) } : {}),
      ...content,
    });
  }

  #chat(chat: ChatRef): ChatRecord {
    const id = idOf(chat);
    if (id === this.person.id || id === this.#world.bot.id) return this.#world.privateChat(this.person.id);
    const record = this.#world.requireChat(String(id));
    if (!this.#world.isMember(record, this.person.id)) {
      throw new Error(`${this.person.first_name} is not in chat ${id}`);
    }
    return record;
  }

  #group(chat: ChatRef): GroupRecord {
    const record = this.#chat(chat);
    if (record.kind === 'private') throw new Error('A group is needed, this is a private chat');
    return record;
  }

  #held(record: ChatRecord, message: number | Message) {
    const id = typeof message === 'number' ? message : message.message_id;
    const held = this.#world.message(record, id);
    if (!held) throw new Error(`No message ${id} in chat ${record.id}`);
    return held;
  }

  #setBlocked(blocked: boolean): void {
    const record = this.#world.privateChat(this.person.id);
    if (record.blocked === blocked) return;
    const bot: User = this.#world.botUser();
    const [inside, outside] = [
      { status: 'member' as const, user: bot },
      { status: 'kicked' as const, user: bot, until_date: 0 },
    ];
    record.blocked = blocked;
    this.#world.updates.push('my_chat_member', {
      chat: this.#world.chatOf(record),
      from: this.person,
      date: Math.floor(Date.now() / 1000),
      old_chat_member: blocked ? inside : outside,
      new_chat_member: blocked ? outside : inside,
    });
    this.#world.changes.tell({ type: 'chat', chat: record.id });
  }
}

type Private = Chat.PrivateChat;
type Edited = NonNullable<Update['edited_message']>;

const idOf = (chat: ChatRef) => (typeof chat === 'number' ? chat : chat.id);

function topicId(record: ChatRecord, topic: number | string): number | undefined {
  const topics = record.kind === 'group' ? record.topics : [];
  const found = topics.find((candidate) => candidate.id === topic || candidate.name === topic);
  if (!found && topic !== 'General' && topic !== 1) throw new Error(`No topic ${topic} in chat ${record.id}`);
  return found?.id;
}
