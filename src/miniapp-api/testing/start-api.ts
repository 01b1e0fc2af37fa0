// A real server on loopback with services in memory.
import { signData } from '@telegram-apps/init-data-node';
import { loadConfig } from '#shared/config/load-config.ts';
import { GuestService } from '#shared/identity/guest-service.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { createMetrics } from '#shared/observability/metrics.ts';
import type { Agents, Groups, Notices, Services } from '#shared/services.ts';
import { MemorySessionStore } from '#shared/session-store/memory-session-store.ts';
import { type ApiDependencies, createApi } from '../api.ts';
import { MemoryRuns, MemoryThreads } from './memory-conversations.ts';
import { MemoryPeople, MemoryTokens } from './memory-identity.ts';
import { MemoryKnowledge } from './memory-knowledge.ts';
import { MemoryWorkflows } from './memory-workflows.ts';
import { ScriptedAgent } from './scripted-agent.ts';

export const botToken = ['123456789', 'AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQ'].join(':');

export interface StartOptions extends Partial<Omit<ApiDependencies, 'config' | 'services'>> {
  environment?: Record<string, string>;
  /** Real ones instead of those in memory. */
  services?: Partial<Services>;
}

export async function startApi({ environment, services: real, ...overrides }: StartOptions = {}) {
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    BOT_TOKEN: botToken,
    GATEWAY__INTERNAL_API_KEY: 'k'.repeat(32),
    ...environment,
  });
  const store = overrides.store ?? new MemorySessionStore();
  const logs: Record<string, unknown>[] = [];
  const logger = createLogger('info', { write: (line: string) => void logs.push(JSON.parse(line)) });
  const agent = new ScriptedAgent();
  const agents: Agents = {
    defaultId: agent.id,
    list: () => [agent],
    find: (id) => (id === agent.id ? agent : undefined),
  };
  const people = new MemoryPeople();
  const guests = new GuestService({ store });
  const threads = new MemoryThreads();
  const workflows = new MemoryWorkflows();
  const knowledge = new MemoryKnowledge();
  const runs = new MemoryRuns({ threads, agents, guests, store });
  const services: Services = {
    people,
    tokens: new MemoryTokens(people),
    guests,
    threads,
    runs,
    agents,
    catalog: knowledge,
    search: knowledge,
    workflows,
    feed: workflows,
    groups: noGroups,
    notices: noNotices,
    ...real,
  };
  const api = createApi({
    config,
    services,
    store,
    db: { ping: async () => true, kind: 'memory' },
    logger,
    metrics: createMetrics(),
    ...overrides,
  });
  const { port } = await api.listen();
  const url = `http://127.0.0.1:${port}`;
  return {
    api,
    url,
    wsUrl: `ws://127.0.0.1:${port}`,
    services,
    agent,
    knowledge,
    workflows,
    runs,
    store,
    logs,
    /** A token of a person without asking the API, so that its limits stay untouched. */
    personToken: async (telegramId = 1) => {
      const person = await people.fromTelegram({ id: telegramId, first_name: `Ann ${telegramId}` });
      return (await services.tokens.issue(person)).jwt_token;
    },
    guestToken: async () => (await guests.create('en')).token,
    call: (path: string, options: CallOptions = {}) => call(url + path, options),
    stop: async () => {
      await api.close(0);
      await runs.close();
      await store.close();
    },
  };
}

export type RunningApi = Awaited<ReturnType<typeof startApi>>;

interface CallOptions {
  method?: string;
  token?: string;
  headers?: Record<string, string>;
  /** Sent as JSON; a string as it is. */
  body?: unknown;
}

async function call(url: string, { method, token, headers, body }: CallOptions) {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (isJson ? JSON.parse(text) : undefined) as Record<string, unknown>,
  };
}

/** Launch data as Telegram signs it. */
export function initDataOf(
  options: { id?: number; at?: number; token?: string; fields?: Record<string, string> } = {},
): string {
  const { id = 42, at = Math.floor(Date.now() / 1000), token = botToken } = options;
  const fields = {
    auth_date: String(at),
    query_id: 'AAE',
    user: JSON.stringify({ id, first_name: 'Ann', language_code: 'ru' }),
    ...options.fields,
  };
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('\n');
  return new URLSearchParams({ ...fields, hash: signData(text, token) }).toString();
}

const noGroups: Groups = {
  fromTelegram: () => Promise.reject(new Error('there are no groups here')),
  find: async () => undefined,
  findByChat: async () => undefined,
  setActive: async () => undefined,
  migrate: async () => undefined,
  confirmMember: async () => undefined,
  removeMember: async () => undefined,
  isMember: async () => false,
  ofPerson: async () => [],
};

const noNotices: Notices = {
  claimDue: async () => [],
  shown: async () => undefined,
  retry: async () => undefined,
  dead: async () => undefined,
  onDue: () => () => undefined,
};
