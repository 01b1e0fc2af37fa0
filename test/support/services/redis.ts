import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { findRedisServer, installed } from './installed.ts';
import { ServiceProcess } from './service-process.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** `kill -9`; what it had acknowledged is still there after restart(). */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** Stops answering without closing connections, as a machine that hangs does; and goes on. */
  pause(): void;
  resume(): void;
}

/** A Redis of its own on a loopback port, with an append-only file. `args` are added to its command line. */
export async function startRedis(options: { args?: string[] } = {}): Promise<RedisServer> {
  const program = installed('redis-server', findRedisServer());
  const folder = await mkdtemp(join(tmpdir(), 'concierge-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  args.push('--save', '', '--appendonly', 'yes', ...(options.args ?? []));

  const start = async () => {
    const server = await ServiceProcess.start({ program, args, folder, stopSignal: 'SIGTERM' });
    await server.ready(() => answersPing(port));
    return server;
  };
  const clean = () => rm(folder, { recursive: true, force: true });
  let server = await start().catch(async (error: unknown) => {
    await clean();
    throw error;
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: async () => {
      await server.kill();
      await clean();
    },
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await start();
    },
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
  };
}

/** False while it is not listening yet or still loads its data ("-LOADING"); "-NOAUTH" is an answer. */
async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false));
      socket.once('data', (data) => resolve(/^(\+PONG|-NOAUTH)/.test(data.toString())));
      socket.setTimeout(1000, () => resolve(false));
      socket.write('PING\r\n');
    });
  } finally {
    socket.destroy();
  }
}
