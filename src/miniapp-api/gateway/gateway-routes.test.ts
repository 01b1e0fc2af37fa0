import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogAnswer, knowledgeBaseDetail, searchAnswer } from '#shared/contracts/knowledge.ts';
import { messagePage, threadPage } from '#shared/contracts/threads.ts';
import { taskPage } from '#shared/contracts/workflows.ts';
import { knowledgeBase } from '../testing/memory-knowledge.ts';
import { type RunningApi, startApi } from '../testing/start-api.ts';

let api: RunningApi;
let ann: string;
let bob: string;
let guest: string;
const open = knowledgeBase();
let secret = knowledgeBase();

beforeAll(async () => {
  api = await startApi({
    botIdentity: () => ({ username: 'concierge_bot' }),
    environment: { MINI_APP_NAME: 'app' },
  });
  ann = await api.personToken(1);
  bob = await api.personToken(2);
  guest = await api.guestToken();
  const owner = await api.services.tokens.verify(ann);
  secret = knowledgeBase({ name: 'Secret', visibility: 'private', owner_id: owner?.personId ?? null });
  api.knowledge.entries.push(open, secret);
});
afterAll(() => api.stop());

describe('knowledge', () => {
  it('shows strangers what is public and owners what is theirs', async () => {
    const stranger = catalogAnswer.parse((await api.call('/api/catalog')).json);
    expect(stranger.results.map((kb) => kb.name)).toEqual(['Handbook']);
    const owner = catalogAnswer.parse(
      (await api.call('/api/catalog?visibility=private', { token: ann })).json,
    );
    expect(owner.results.map((kb) => kb.name)).toEqual(['Secret']);
  });

  it('hides that a private one exists', async () => {
    expect((await api.call(`/api/kb/${secret.id}`, { token: bob })).status).toBe(404);
    expect((await api.call(`/api/kb/${secret.id}`)).status).toBe(404);
    expect(
      knowledgeBaseDetail.parse((await api.call(`/api/kb/${secret.id}`, { token: ann })).json).name,
    ).toBe('Secret');
    expect((await api.call('/api/kb/1')).status).toBe(400);
  });

  it('is searched by guests too, but not by strangers', async () => {
    const found = await api.call(`/api/kb/${open.id}/search?query=tea&max_results=5`, { token: guest });
    expect(searchAnswer.parse(found.json)).toMatchObject({ kb_searched: [open.id], search_method: 'text' });
    const all = await api.call('/api/search', { token: ann, body: { query: 'tea' } });
    expect(searchAnswer.parse(all.json).kb_searched.sort()).toEqual([open.id, secret.id].sort());
    expect((await api.call(`/api/kb/${open.id}/search?query=tea`)).status).toBe(401);
    const foreign = await api.call('/api/search', {
      token: bob,
      body: { query: 'tea', kb_ids: [secret.id] },
    });
    expect(foreign.status).toBe(404);
  });

  it('says when a way of searching is not there', async () => {
    const answer = await api.call(`/api/kb/${open.id}/search?query=tea&method=vector`, { token: ann });
    expect([answer.status, answer.json['error']]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
  });
});

describe('threads', () => {
  it('live and die with their owner only', async () => {
    const made = await api.call('/api/threads', { token: ann, body: { title: 'Plans' } });
    expect(made.status).toBe(201);
    const path = `/api/threads/${String(made.json['id'])}`;
    expect((await api.call(path, { token: bob })).status).toBe(404);
    expect((await api.call(path, { token: bob, method: 'DELETE' })).status).toBe(404);
    const renamed = await api.call(path, { token: ann, method: 'PATCH', body: { title: 'Better plans' } });
    expect(renamed.json['title']).toBe('Better plans');
    expect(threadPage.parse((await api.call('/api/threads', { token: ann })).json).total).toBe(1);
    expect(messagePage.parse((await api.call(`${path}/messages?limit=5`, { token: ann })).json).limit).toBe(
      5,
    );
    expect((await api.call(path, { token: ann, method: 'DELETE' })).status).toBe(204);
    expect((await api.call(path, { token: ann })).status).toBe(404);
  });
});

describe('workflows and tasks', () => {
  it('start once for one key, and are completed once', async () => {
    const start = () =>
      api.call('/api/workflows/leave/start', {
        token: ann,
        body: { values: {} },
        headers: { 'idempotency-key': 'k1' },
      });
    const [first, second] = [await start(), await start()];
    expect(first.status).toBe(201);
    expect(second.json['id']).toBe(first.json['id']);

    const tasks = taskPage.parse((await api.call('/api/tasks?filter=inbox', { token: ann })).json);
    expect(tasks.total).toBe(1);
    const path = `/api/tasks/${tasks.results[0]?.id}`;
    expect((await api.call(path, { token: bob })).status).toBe(404);
    expect((await api.call(`${path}/claim`, { token: ann, method: 'POST' })).status).toBe(200);
    const wrong = await api.call(`${path}/complete`, { token: ann, body: { values: { days: 'two' } } });
    expect(wrong.json).toMatchObject({ error: 'VALIDATION_ERROR', details: { issues: [{ path: 'days' }] } });
    const complete = () => api.call(`${path}/complete`, { token: ann, body: { values: { days: 2 } } });
    expect((await complete()).json['status']).toBe('completed');
    const again = await complete();
    expect([again.status, again.json['error']]).toEqual([409, 'CONFLICT']);
    const cancelled = await api.call(`/api/processes/${String(first.json['id'])}/cancel`, {
      token: ann,
      method: 'POST',
    });
    expect(cancelled.json['status']).toBe('cancelled');
    expect((await api.call('/api/workflows/leave/form', { token: ann })).json['title']).toBe('Leave request');
    expect((await api.call('/api/workflows/none/form', { token: ann })).status).toBe(404);
  });
});

describe('profile', () => {
  it('changes what is named and nothing else', async () => {
    const changed = await api.call('/api/profile/settings', {
      token: ann,
      method: 'PATCH',
      body: { notifications: false },
    });
    expect(changed.json).toMatchObject({ notifications: false, streaming_enabled: true });
    const wrong = await api.call('/api/profile/settings', {
      token: ann,
      method: 'PATCH',
      body: { colour: 'red' },
    });
    expect(wrong.status).toBe(400);
  });
});

describe('commands', () => {
  it.each(['start', 'catalog', 'tasks', 'profile', 'chat', 'groups'])(
    '%s answers its result',
    async (command) => {
      const answer = await api.call(`/api/commands/${command}`, { token: ann, body: { args: {} } });
      expect(answer.json).toMatchObject({ status: 'success', command, result: expect.any(Object) });
    },
  );

  it('search needs a question', async () => {
    const found = await api.call('/api/commands/search', { token: guest, body: { args: { query: 'tea' } } });
    expect(found.json).toMatchObject({ command: 'search', result: { total: 1 } });
    const empty = await api.call('/api/commands/search', { token: guest, body: {} });
    expect(empty.json).toMatchObject({
      error: 'VALIDATION_ERROR',
      details: { issues: [{ path: 'args.query' }] },
    });
  });

  it('guests have three of them, nobody an unknown one', async () => {
    const refused = await api.call('/api/commands/tasks', { token: guest, method: 'POST' });
    expect([refused.status, refused.json['error']]).toEqual([403, 'UPGRADE_REQUIRED']);
    expect((await api.call('/api/commands/start', { token: guest, method: 'POST' })).status).toBe(200);
    expect((await api.call('/api/commands/dance', { token: ann, method: 'POST' })).status).toBe(404);
  });
});

describe('the service', () => {
  it('tells the Mini App about the bot before anybody signs in', async () => {
    expect((await api.call('/api/app-config')).json).toMatchObject({
      bot_username: 'concierge_bot',
      mini_app_name: 'app',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });
});
