// The bot itself: who it is, its commands, its menu button, its texts.
import type { BotCommand, BotCommandScope, MenuButton } from 'grammy/types';
import { badRequest } from '../checks/errors.ts';
import { checkWebAppUrl } from '../checks/markup.ts';
import { isObject, type Params, textOf } from '../checks/params.ts';
import type { ChatRecord } from '../world/state.ts';
import { type Call, type Method, requireChat } from './call.ts';

const MAX_COMMANDS = 100;
const CHAT_SCOPES = new Set(['chat', 'chat_administrators', 'chat_member']);
const PLAIN_SCOPES = new Set(['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators']);

const getMe: Method = ({ world }) => world.bot;

const setMyCommands: Method = (call) => {
  const commands = (call.params.list('commands') ?? []).map(readCommand);
  if (commands.length > MAX_COMMANDS) throw badRequest('BOT_COMMANDS_TOO_MUCH');
  const scope = readScope(call);
  const language = readLanguage(call.params);
  removeCommands(call, scope, language);
  if (commands.length > 0) call.world.state.commands.push({ scope, language, commands });
  call.world.changes.tell({ type: 'chat' });
  return true;
};

const getMyCommands: Method = (call) => {
  const key = scopeKey(readScope(call), readLanguage(call.params));
  return call.world.state.commands.find((set) => scopeKey(set.scope, set.language) === key)?.commands ?? [];
};

const deleteMyCommands: Method = (call) => {
  removeCommands(call, readScope(call), readLanguage(call.params));
  call.world.changes.tell({ type: 'chat' });
  return true;
};

const setChatMenuButton: Method = (call) => {
  const button = readMenuButton(call.params);
  if (call.params.has('chat_id')) {
    const record = requirePrivate(call);
    if (button.type === 'default') delete record.menuButton;
    else record.menuButton = button;
  } else call.world.state.menuButton = button;
  call.world.changes.tell({ type: 'chat' });
  return true;
};

const getChatMenuButton: Method = (call) =>
  (call.params.has('chat_id') ? requirePrivate(call).menuButton : undefined) ?? call.world.state.menuButton;

function requirePrivate(call: Call): ChatRecord & { kind: 'private' } {
  const record = requireChat(call);
  if (record.kind !== 'private') throw badRequest('chat_id must be a private chat');
  return record;
}

type TextKind = 'name' | 'description' | 'short_description';

const setText =
  (kind: TextKind, limit: number): Method =>
  ({ params, world }) => {
    const text = params.string(kind);
    if (text.length > limit) throw badRequest(`bot ${kind.replace('_', ' ')} is too long`);
    const language = readLanguage(params);
    const others = world.state.texts.filter((held) => held.kind !== kind || held.language !== language);
    world.state.texts = text ? [...others, { kind, language, text }] : others;
    world.changes.tell({ type: 'chat' });
    return true;
  };

const getText =
  (kind: TextKind): Method =>
  ({ params, world }) => {
    const language = readLanguage(params);
    const find = (wanted: string) =>
      world.state.texts.find((held) => held.kind === kind && held.language === wanted);
    return { [kind]: (find(language) ?? find(''))?.text ?? (kind === 'name' ? world.bot.first_name : '') };
  };

function readCommand(value: unknown): BotCommand {
  const { command, description } = isObject(value) ? value : {};
  if (typeof command !== 'string' || !/^\/?[a-z0-9_]{1,32}$/u.test(command))
    throw badRequest('BOT_COMMAND_INVALID');
  if (typeof description !== 'string' || description.length < 1 || description.length > 256) {
    throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
  }
  return { command: command.replace(/^\//u, ''), description };
}

function readScope(call: Call): BotCommandScope {
  const scope = call.params.object('scope') ?? { type: 'default' };
  const type = String(scope['type']);
  if (PLAIN_SCOPES.has(type)) return { type } as BotCommandScope;
  if (!CHAT_SCOPES.has(type)) throw badRequest("can't parse BotCommandScope: Unsupported type specified");
  const chat_id = call.world.requireChat(textOf(scope['chat_id'])).id;
  return type === 'chat_member'
    ? { type, chat_id, user_id: Number(scope['user_id']) }
    : ({ type, chat_id } as BotCommandScope);
}

function readLanguage(params: Params): string {
  const language = params.string('language_code');
  if (!/^(?:[a-z]{2})?$/u.test(language)) throw badRequest('invalid language code specified');
  return language;
}

function removeCommands({ world }: Call, scope: BotCommandScope, language: string): void {
  const key = scopeKey(scope, language);
  world.state.commands = world.state.commands.filter((set) => scopeKey(set.scope, set.language) !== key);
}

function scopeKey(scope: BotCommandScope, language: string): string {
  const chat = 'chat_id' in scope ? scope.chat_id : '';
  const user = 'user_id' in scope ? scope.user_id : '';
  return `${scope.type}|${chat}|${user}|${language}`;
}

function readMenuButton(params: Params): MenuButton {
  const button = params.object('menu_button') ?? { type: 'default' };
  const type = button['type'];
  if (type === 'default' || type === 'commands') return { type };
  if (type !== 'web_app') throw badRequest("can't parse MenuButton: Unsupported type specified");
  const text = button['text'];
  if (typeof text !== 'string' || text === '') throw badRequest('BUTTON_TEXT_INVALID');
  return { type, text, web_app: { url: checkWebAppUrl(button['web_app'], 'menu button') } };
}

export const profileMethods: Record<string, Method> = {
  getMe,
  setMyCommands,
  getMyCommands,
  deleteMyCommands,
  setChatMenuButton,
  getChatMenuButton,
  setMyName: setText('name', 64),
  getMyName: getText('name'),
  setMyDescription: setText('description', 512),
  getMyDescription: getText('description'),
  setMyShortDescription: setText('short_description', 120),
  getMyShortDescription: getText('short_description'),
  logOut: () => true,
  close: () => true,
};
