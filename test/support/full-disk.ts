// A disk that can really be full: a small file system in memory, mounted in a namespace of its own, so that neither root
// nor anything on this machine is touched, and nothing is left behind when its keeper ends.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { temporaryFolder } from './app.ts';

const run = promisify(execFile);

export interface SmallDisk {
  /** Where it is mounted, for processes that are started through `wrapper`. */
  path: string;
  /** Words that stand before a command which is to see the disk. */
  wrapper: readonly string[];
  freeBytes(): Promise<number>;
  /** Takes all of the space but this many bytes. */
  fill(leftBytes?: number): Promise<void>;
  /** Gives the space back that `fill` took. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

const explanation = `
These tests need a disk of their own. They mount one in a user namespace (util-linux: unshare, nsenter), which this
machine refuses. Either run them as root in a container with --cap-add SYS_ADMIN, or allow user namespaces:
  sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`;

export async function startSmallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = await temporaryFolder();
  const mount = `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && echo mounted && exec cat`;
  const reasons: string[] = [];
  for (const [unshare, enter] of [
    [['-r', '-m'], ['-U', '--preserve-credentials']],
    [['-m'], []],
  ] as const) {
    // It ends with the pipe to this process, whatever ends this process.
    const keeper = spawn('unshare', [...unshare, 'sh', '-c', mount, folder.path], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const reason = await mounted(keeper);
    if (reason === undefined) return diskOf(keeper, folder, ['nsenter', '-t', String(keeper.pid), ...enter, '-m']);
    reasons.push(`unshare ${unshare.join(' ')}: ${reason}`);
  }
  await folder.remove();
  throw new Error(`${reasons.join('\n')}\n${explanation}`);
}

/** Undefined when it is there, else why not. */
async function mounted(keeper: ChildProcess): Promise<string | undefined> {
  let errors = '';
  keeper.stderr?.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  return await new Promise((resolve) => {
    keeper.stdout?.once('data', () => resolve(undefined));
    keeper.once('error', (error) => resolve(error.message));
    keeper.once('exit', (code) => resolve(errors.trim() || `ended with ${code}`));
  });
}

function diskOf(
  keeper: ChildProcess,
  folder: { path: string; remove(): Promise<void> },
  wrapper: readonly string[],
): SmallDisk {
  const { path } = folder;
  const inside = async (command: string): Promise<string> => {
    const [program = '', ...args] = [...wrapper, 'sh', '-c', command, path];
    return (await run(program, args)).stdout;
  };
  const freeBytes = async () => Number(await inside('stat -f -c "%a %S" "$0" | awk \'{ print $1 * $2 }\''));
  return {
    path,
    wrapper,
    freeBytes,
    fill: async (leftBytes = 0) => {
      const bytes = Math.max(0, (await freeBytes()) - leftBytes);
      await inside(`head -c ${bytes} /dev/zero >> "$0/filler"`);
    },
    free: async () => void (await inside('rm -f "$0/filler"')),
    remove: async () => {
      const ended = once(keeper, 'exit');
      keeper.stdin?.end();
      await ended;
      await folder.remove();
    },
  };
}
