// What the page can do, one function an action. Each gets who acts and the JSON that was posted.
import type { ActingPerson } from '../acting-person.ts';
import { isObject, type Json } from '../checks/params.ts';
import { REACTIONS } from '../checks/reactions.ts';
import { TEXT_LIMIT } from '../checks/text.ts';
import { FAULT_KINDS, type Fault } from '../faults.ts';
import type { Playground } from '../telegram.ts';

type Action = (acting: ActingPerson, body: Json, playground: Playground) => unknown;

/** A mistake of the page or the person at it, with words to show. */
export class PageError extends Error {}

export const ACTIONS: Record<string, Action> = {
  /** Longer texts are split at 4096 characters, as Telegram's clients do. */
  send: (acting, body) => {
    let rest = text(body, 'text').trim();
    const ids: number[] = [];
    const replyTo = optional(body, 'replyTo');
    while (rest !== '') {
      const end =
        rest.codePointAt(TEXT_LIMIT - 1) === rest.charCodeAt(TEXT_LIMIT - 1) ? TEXT_LIMIT : TEXT_LIMIT - 1;
      const sent = acting.send(number(body, 'chat'), rest.slice(0, end), {
        ...topicOf(body),
        ...(replyTo === undefined || ids.length > 0 ? {} : { replyTo }),
      });
      ids.push(sent.message_id);
      rest = rest.slice(end).trim();
    }
    if (ids.length === 0) throw new PageError('There is nothing to send');
    return { ids };
  },
  edit: (acting, body) => void acting.edit(number(body, 'chat'), number(body, 'message'), text(body, 'text')),
  delete: (acting, body) => acting.delete(number(body, 'chat'), number(body, 'message')),
  forward: (acting, body) =>
    void acting.forward(number(body, 'chat'), number(body, 'message'), number(body, 'to'), topicOf(body)),
  press: (acting, body) => {
    const message = { chat: { id: number(body, 'chat') }, message_id: number(body, 'message') };
    return { query: acting.press(message, text(body, 'button')).queryId };
  },
  stop: (acting, body) => ({ stopped: acting.stop(number(body, 'chat')) }),
  react: (acting, body) => {
    const emoji = REACTIONS.find((known) => known === body['emoji']) ?? null;
    acting.react(number(body, 'chat'), number(body, 'message'), emoji);
  },
  block: (acting) => acting.block(),
  unblock: (acting) => acting.unblock(),
  language: (acting, body) => {
    const code = text(body, 'language');
    if (!/^[a-z]{2,3}(?:-[A-Za-z]{2,4})?$/u.test(code))
      throw new PageError('A language is a code such as en or de');
    acting.setLanguage(code);
  },
  open: (acting, body) => {
    const startParam = body['startParam'] === undefined ? undefined : text(body, 'startParam');
    const url = body['url'] === undefined ? undefined : text(body, 'url');
    const chat = optional(body, 'chat');
    return {
      url: acting.openMiniApp({
        ...(startParam === undefined ? {} : { startParam }),
        ...(url === undefined ? {} : { url }),
        ...(chat === undefined ? {} : { chat }),
        theme: stringsOf(body['theme']),
      }),
    };
  },
  webAppData: (acting, body) => void acting.sendWebAppData(text(body, 'data'), text(body, 'button')),
  addBot: (acting, body) => acting.addBot(number(body, 'chat')),
  removeBot: (acting, body) => acting.removeBot(number(body, 'chat')),
  promoteBot: (acting, body) => acting.promoteBot(number(body, 'chat'), body['admin'] === true),
  join: (acting, body) => acting.join(number(body, 'chat')),
  leave: (acting, body) => acting.leave(number(body, 'chat')),
  topic: (acting, body) => acting.createTopic(number(body, 'chat'), text(body, 'name').slice(0, 128)),
  migrate: (_, body, playground) => ({ id: playground.migrate(number(body, 'chat')) }),
  person: (_, body, playground) => {
    const first_name = text(body, 'name').trim().slice(0, 64);
    const username =
      first_name.toLowerCase().replaceAll(/[^a-z0-9_]/gu, '') || `person${playground.people.length + 1}`;
    if (playground.people.some((person) => person.username === username))
      throw new PageError('This name is taken');
    return playground.addPerson({ first_name, username, language_code: 'en' });
  },
  group: (acting, body, playground) => {
    const title = text(body, 'title').trim().slice(0, 128);
    if (playground.groups.some((group) => group.title === title))
      throw new PageError('This group exists already');
    const topics = text(body, 'topics')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    const members = [acting.person, ...playground.people.filter((person) => person !== acting.person)];
    return { id: playground.addGroup({ title, topics, members, withBot: body['withBot'] === true }).id };
  },
  fault: (_, body, playground) => playground.faults.add(readFault(body)),
  clearFaults: (_, __, playground) => playground.faults.clear(),
};

function readFault(body: Json): Fault {
  const kind = FAULT_KINDS.find((known) => known === body['kind']);
  if (!kind) throw new PageError('There is no such fault');
  const chat = optional(body, 'chat');
  const times = optional(body, 'times');
  const method = body['method'];
  return {
    kind,
    ...(typeof method === 'string' && method !== '' ? { method } : {}),
    ...(chat === undefined ? {} : { chat }),
    ...(times === undefined ? {} : { times }),
  };
}

function text(body: Json, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  throw new PageError(`${name} must be a text`);
}

function number(body: Json, name: string): number {
  const value = body[name];
  if (typeof value === 'number') return value;
  throw new PageError(`${name} must be a number`);
}

function optional(body: Json, name: string): number | undefined {
  return body[name] === undefined || body[name] === null ? undefined : number(body, name);
}

function topicOf(body: Json): { topic?: number } {
  const topic = optional(body, 'topic');
  return topic === undefined ? {} : { topic };
}

function stringsOf(value: unknown): Record<string, string> {
  const pairs = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}
