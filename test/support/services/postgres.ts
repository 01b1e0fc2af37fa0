import { execFile } from 'node:child_process';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { findPostgresBin, installed } from './installed.ts';
import { ServiceProcess } from './service-process.ts';

const run = promisify(execFile);

export interface PostgresServer {
  /** Of the database `postgres`; trust authentication, superuser. */
  readonly url: string;
  /** An empty database beside it; answers its URL. Cheap: tests that write get one each. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own on a loopback port. Without fsync: it is for tests, and does not survive a crash. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = installed('The PostgreSQL server', findPostgresBin());
  const user = await unprivilegedUser();
  const folder = await mkdtemp(join(tmpdir(), 'concierge-postgres-'));
  if (user) await chown(folder, user.uid, user.gid);
  try {
    const data = join(folder, 'data');
    // The C locale would not fold the case of Cyrillic letters, and full text search needs that.
    const locale = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';
    const init = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      `--locale=${locale}`,
      '--no-sync',
    ];
    await run(join(bin, 'initdb'), init, { cwd: folder, ...user });

    const port = await freePort();
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: 200,
    };
    const args = [
      '-D',
      data,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    // SIGINT is a fast shutdown: sessions are ended, then the server.
    const program = join(bin, 'postgres');
    const server = await ServiceProcess.start({ program, args, folder, stopSignal: 'SIGINT', user });
    const where = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
    await server.ready(() =>
      run(join(bin, 'pg_isready'), where).then(
        () => true,
        () => false,
      ),
    );
    const url = (database: string) =>
      `postgresql://postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`;
    return {
      url: url('postgres'),
      createDatabase: async (name) => {
        await run(join(bin, 'createdb'), [...where, '--', name]);
        return url(name);
      },
      stop: async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** PostgreSQL refuses to run as root; then it runs as `postgres`, or as `nobody` where there is none. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => users.filter((fields) => fields[0] === name))[0];
  if (!found)
    throw new Error('PostgreSQL cannot run as root, and there is neither a user postgres nor nobody');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
