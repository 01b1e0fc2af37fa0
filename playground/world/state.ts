// Everything the playground remembers, as plain JSON: what is written to the state file is exactly this.
import type {
  BotCommand,
  BotCommandScope,
  ForceReply,
  MenuButton,
  Message,
  ReactionType,
  ReplyKeyboardMarkup,
  ReplyKeyboardRemove,
  Update,
  User,
} from 'grammy/types';

export type Person = User;

export interface MessageRecord {
  message: Message;
  /** Reply keyboards are shown to people but are no part of the Message object. */
  markup?: ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply;
  reactions: { user: number; reaction: ReactionType }[];
}

interface ChatBase {
  id: number;
  nextMessageId: number;
  messages: MessageRecord[];
}

export interface PrivateRecord extends ChatBase {
  kind: 'private';
  person: number;
  /** Bot API: a bot cannot write to people who never wrote to it. */
  started: boolean;
  blocked: boolean;
  menuButton?: MenuButton;
}

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'left' | 'kicked';

export interface Topic {
  /** message_thread_id: the id of the service message which created the topic. */
  id: number;
  name: string;
  color: number;
}

export interface GroupRecord extends ChatBase {
  kind: 'group';
  type: 'group' | 'supergroup';
  title: string;
  username?: string;
  forum: boolean;
  topics: Topic[];
  members: Record<number, MemberStatus>;
}

export type ChatRecord = PrivateRecord | GroupRecord;

export interface CommandSet {
  scope: BotCommandScope;
  language: string;
  commands: BotCommand[];
}

export interface WebhookState {
  url: string;
  secret?: string;
  maxConnections: number;
  lastErrorDate?: number;
  lastErrorMessage?: string;
}

export interface FileRecord {
  file_id: string;
  file_unique_id: string;
  file_path: string;
  name: string;
  mime: string;
  size: number;
}

export type UpdateKind = Exclude<keyof Update, 'update_id'>;

export interface WorldState {
  version: 1;
  /** False while the playground runs: after a crash the last ids may not have been written. */
  clean: boolean;
  nextPersonId: number;
  nextGroupId: number;
  nextUpdateId: number;
  nextFileId: number;
  people: Person[];
  chats: ChatRecord[];
  migrations: { from: number; to: number }[];
  commands: CommandSet[];
  menuButton: MenuButton;
  texts: { kind: 'name' | 'description' | 'short_description'; language: string; text: string }[];
  pending: Update[];
  /** null means Telegram's default: all but chat_member and the two reaction kinds. */
  allowedUpdates: UpdateKind[] | null;
  webhook: WebhookState | null;
  files: FileRecord[];
}

export function emptyState(): WorldState {
  return {
    version: 1,
    clean: false,
    nextPersonId: 500_001,
    nextGroupId: 1_000_000_001,
    nextUpdateId: 100_000_001,
    nextFileId: 1,
    people: [],
    chats: [],
    migrations: [],
    commands: [],
    menuButton: { type: 'default' },
    texts: [],
    pending: [],
    allowedUpdates: null,
    webhook: null,
    files: [],
  };
}
