import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../database-logger.ts';
import { EmbeddedServer } from './embedded-server.ts';
import { backendMessages, errorFields, message, queryMessage } from './wire.ts';

const IDLE_MS = 400;
let server: EmbeddedServer;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await EmbeddedServer.start({
    dataDir: undefined,
    logger: silentLogger,
    idleInTransactionMs: IDLE_MS,
  });
});
afterAll(() => server.close());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A client that shows each message of the server as one string: `C:INSERT 0 1`, `D:…`, `E:53100 text`, `Z:I`. */
class TestClient {
  readonly socket: Socket;
  readonly seen: string[] = [];
  readonly closed: Promise<unknown>;
  #rest = Buffer.alloc(0);
  #wake = Promise.withResolvers<void>();

  constructor(host = server.host) {
    this.socket = createConnection(join(host, '.s.PGSQL.5432'));
    this.closed = once(this.socket, 'close');
    sockets.push(this.socket);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      let used = 0;
      for (const { type, bytes } of backendMessages(this.#rest)) {
        if (bytes.length < bytes.readUInt32BE(1) + 1) break;
        used += bytes.length;
        this.seen.push(show(type, bytes));
      }
      this.#rest = this.#rest.subarray(used);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
  }

  static async open(host?: string): Promise<TestClient> {
    const client = new TestClient(host);
    const parameters = Buffer.from('\0\x03\0\0user\0postgres\0\0', 'latin1');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(parameters.length + 4);
    client.socket.write(Buffer.concat([length, parameters]));
    await client.until(/^Z/);
    return client;
  }

  /** Forgets what was seen up to the first message that matches, and returns it all. */
  async until(pattern: RegExp): Promise<string[]> {
    for (;;) {
      const at = this.seen.findIndex((text) => pattern.test(text));
      if (at >= 0) return this.seen.splice(0, at + 1);
      await this.#wake.promise;
    }
  }

  async query(sql: string): Promise<string[]> {
    this.socket.write(queryMessage(sql));
    return this.until(/^Z/);
  }
}

function show(type: string, bytes: Buffer): string {
  if (type === 'E') return `E:${errorFields(bytes).text}`;
  if (type === 'D') return `D:${bytes.toString('utf8', 11)}`;
  return `${type}:${bytes.toString('utf8', 5).replaceAll('\0', ' ').trim()}`;
}

const value = (answer: string[]): string | undefined =>
  answer.find((text) => text.startsWith('D:'))?.slice(2);

describe('connections of one session', () => {
  it('never mix their transactions', async () => {
    const [one, two] = await Promise.all([TestClient.open(), TestClient.open()]);
    await one.query('create table if not exists affinity (n int)');
    await one.query('begin');
    await one.query('insert into affinity values (1)');
    const other = two.query('select count(*) from affinity');
    expect(await one.query('rollback')).toContain('Z:I');
    expect(value(await other)).toBe('0');
  });

  it('are rolled back when their client dies in a transaction', async () => {
    const [one, two] = await Promise.all([TestClient.open(), TestClient.open()]);
    await one.query('create table if not exists dying (n int)');
    await one.query('begin; insert into dying values (1)');
    one.socket.destroy();
    expect(value(await two.query('select count(*) from dying'))).toBe('0');
  });

  it('are rolled back and ended when they do nothing in a transaction', async () => {
    const [one, two] = await Promise.all([TestClient.open(), TestClient.open()]);
    await one.query('begin; create table idle_table (n int)');
    expect(value(await two.query("select to_regclass('idle_table') is null"))).toBe('t');
    await one.until(/^E:.*idle-in-transaction/);
    await one.closed;
  });

  it('get notifications of each other', async () => {
    const [one, two] = await Promise.all([TestClient.open(), TestClient.open()]);
    await one.query('listen news');
    await two.query("notify news, 'hello'");
    const [notification] = (await one.until(/^A/)).slice(-1);
    expect(notification).toContain('news hello');
  });

  it('may send many statements at once', async () => {
    const client = await TestClient.open();
    const count = 200;
    client.socket.write(Buffer.concat(Array.from({ length: count }, (_, n) => queryMessage(`select ${n}`))));
    const values: (string | undefined)[] = [];
    for (let n = 0; n < count; n++) values.push(value(await client.until(/^Z/)));
    expect(values).toEqual(Array.from({ length: count }, (_, n) => `${n}`));
  });
});

describe('what is not supported', () => {
  it('is refused without harm: COPY', async () => {
    const client = await TestClient.open();
    await client.query('create table if not exists copied (n int)');
    const answer = await client.query('copy copied from stdin');
    expect(answer).toEqual(['E:the embedded database has no COPY', 'Z:I']);
    expect(value(await client.query('select 1'))).toBe('1');
  });

  it('is refused without harm: encryption, cancelling, other protocols', async () => {
    const ask = async (code: number): Promise<string> => {
      const client = createConnection(join(server.host, '.s.PGSQL.5432'));
      const request = Buffer.alloc(8);
      request.writeUInt32BE(8);
      request.writeUInt32BE(code, 4);
      client.end(request);
      let answer = '';
      for await (const chunk of client) answer += String(chunk);
      return answer;
    };
    expect(await ask(80877103)).toBe('N');
    expect(await ask(80877102)).toBe('');
    expect(await ask(2 << 16)).toContain('unsupported protocol version 2.0');
  });

  it('is refused without harm: messages over 64 MiB', async () => {
    const client = await TestClient.open();
    const header = Buffer.from('Q\0\0\0\0');
    header.writeUInt32BE(65 * 1024 * 1024, 1);
    client.socket.write(header);
    await client.until(/^E:.*too long/);
    await client.closed;
    client.socket.write(message('X'));
    expect(await server.ping(2_000)).toBe(true);
  });
});

describe('a folder', () => {
  it('is kept private, survives a crash of the session, and keeps what was committed', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'concierge-data-'));
    let restarted = false;
    const logger = { ...silentLogger, info: () => void (restarted = true) };
    const own = await EmbeddedServer.start({ dataDir, logger });
    try {
      expect((await stat(own.host)).mode & 0o777).toBe(0o700);
      await expect(EmbeddedServer.start({ dataDir, logger: silentLogger })).rejects.toMatchObject({
        code: 'database_folder_in_use',
      });
      const client = await TestClient.open(own.host);
      await client.query('create table kept as select 42 as n');
      await client.query('begin; insert into kept values (43)');
      client.socket.write(queryMessage('select 1; copy kept from stdin')); // ends PGlite
      await client.closed;
      await vi.waitFor(() => expect(restarted).toBe(true), 10_000);
      const again = await TestClient.open(own.host);
      expect(value(await again.query('select sum(n) from kept'))).toBe('42');
    } finally {
      await own.close();
      await rm(dataDir, { recursive: true });
    }
  });

  it('that is a file says that nothing can be written', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'concierge-data-'));
    await writeFile(join(parent, 'file'), '');
    const start = EmbeddedServer.start({ dataDir: join(parent, 'file'), logger: silentLogger });
    await expect(start).rejects.toMatchObject({
      code: 'database_folder_not_writable',
      message: expect.stringContaining('DATA_DIR'),
    });
    await rm(parent, { recursive: true });
  });
});
