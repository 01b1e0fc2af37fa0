import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerFrame } from '../../../src/shared/contracts/gateway-frames.ts';
import { ChatSocket, type ChatSocketOptions, type LineState } from './socket.ts';
import { TestGateway, until } from './testing/gateway.ts';

let gateway: TestGateway;
let socket: ChatSocket;
let states: LineState[];
let frames: ServerFrame[];
let tokens: string[];

function connect(options: Partial<ChatSocketOptions> = {}): void {
  socket = new ChatSocket({
    url: () => gateway.url,
    token: async () => tokens[0] ?? 'none',
    refuseToken: async () => void tokens.shift(),
    backoff: { baseMs: 20, maxMs: 100 },
    ...options,
  });
  socket.onState = (state) => states.push(state);
  socket.onFrame = (frame) => frames.push(frame);
  socket.open();
}

const online = () => until('the line stands', () => socket.state === 'online');

beforeEach(async () => {
  gateway = await TestGateway.start();
  states = [];
  frames = [];
  tokens = ['t1', 't2'];
});
afterEach(async () => {
  socket.close();
  await gateway.close();
});

describe('the chat socket', () => {
  it('signs in by its first frame and is online only then', async () => {
    connect();
    expect(socket.send({ type: 'ping' })).toBe(false);
    expect(await gateway.next('auth')).toMatchObject({ token: 't1' });
    await online();
    expect(states).toEqual(['connecting', 'online']);
    expect(socket.send({ type: 'command', command: 'start', args: {} })).toBe(true);
    expect(await gateway.next('command')).toMatchObject({ command: 'start' });
  });

  it('comes back by itself when the line breaks', async () => {
    connect();
    await online();
    gateway.drop();
    await until('it is back', () => gateway.connections === 2 && socket.state === 'online');
    expect(states).toEqual(['connecting', 'online', 'offline', 'connecting', 'online']);
  });

  it('waits longer after each failure, with some chance in it, up to a limit', async () => {
    gateway.onAuth = (server) => server.close(1011);
    connect({ random: () => 1 });
    const startedAt = Date.now();
    await until('it tried five times', () => gateway.connections === 5);
    // 20 + 40 + 80 + 100 ms
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(230);
  });

  it('gets another token when the server refuses the one it had', async () => {
    gateway.onAuth = (server, token) => {
      if (token === 't2') server.send(JSON.stringify({ type: 'auth_success', permissions: [] }));
      else server.close(1008);
    };
    connect();
    await online();
    expect(tokens).toEqual(['t2']);
  });

  it('keeps trying while no token can be had', async () => {
    let tries = 0;
    connect({
      token: async () => {
        tries += 1;
        if (tries < 3) throw new Error('offline');
        return 't1';
      },
    });
    await online();
    expect(tries).toBe(3);
  });

  it('stays away for a minute when it was too much', async () => {
    connect();
    await online();
    gateway.drop(4002);
    await until('it is denied', () => socket.state === 'denied');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(gateway.connections).toBe(1);
    socket.reconnectNow();
    await online();
  });

  it('asks a silent line whether it lives, and gives up a dead one', async () => {
    connect({ heartbeat: { everyMs: 40, patienceMs: 60 } });
    await online();
    await gateway.next('ping');
    await gateway.next('ping');
    expect(gateway.connections).toBe(1);
    gateway.answersPings = false;
    await until('it connected anew', () => gateway.connections === 2);
  });

  it('ignores what is no frame, and tells of no pong', async () => {
    connect();
    await online();
    gateway.onAuth = () => undefined;
    gateway.send({ type: 'pong' }, { type: 'commandResult', command: 'x', result: null });
    await until('the frame came', () => frames.length === 2);
    expect(frames.map((frame) => frame.type)).toEqual(['auth_success', 'commandResult']);
  });

  it('does nothing any more once closed', async () => {
    connect();
    await online();
    socket.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([socket.state, gateway.connections, socket.send({ type: 'ping' })]).toEqual(['idle', 1, false]);
  });
});
