// The entry of every role. Reads the environment, runs until it is told to stop, ends with a clear word.
import { join } from 'node:path';
import { startConcierge } from './concierge.ts';
import { ConfigError } from './shared/config/config-error.ts';
import { loadConfig } from './shared/config/load-config.ts';
import { DatabaseError } from './shared/database/database-error.ts';

/** Runs the product with these settings until the process is asked to stop. */
export async function runMain(environment: NodeJS.ProcessEnv): Promise<void> {
  await runUntilStopped(() => startConcierge(loadConfig(environment)));
}

/**
 * Starts something and closes it on SIGTERM and SIGINT; a second signal ends the process at once. What is wrong with
 * settings or storage is one readable text, not a stack.
 */
export async function runUntilStopped(start: () => Promise<{ close(): Promise<void> }>): Promise<void> {
  let stopping = false;
  // A start that throws at once is a start that failed like any other.
  const starting = Promise.try(start);
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    starting
      .then((running) => running.close())
      .then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  await starting.catch(fail);
}

function fail(error: unknown): never {
  const expected = error instanceof ConfigError || error instanceof DatabaseError;
  console.error(expected ? error.message : (addressProblem(error) ?? error));
  process.exit(1);
}

/** What is wrong with HOST and PORT is found out only by listening there. */
function addressProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error && 'code' in error)) return undefined;
  if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') return undefined;
  const where = 'address' in error ? `${String(error.address)}:${'port' in error ? String(error.port) : ''}` : '';
  if (error.code === 'EADDRINUSE') {
    return `Another program listens at ${where} already. Stop it, or set PORT to another port.`;
  }
  return `Nothing can listen at ${where || 'HOST'} (${String(error.code)}). Set HOST and PORT to others.`;
}

if (import.meta.main) {
  const environmentFile = join(process.cwd(), '.env');
  try {
    process.loadEnvFile(environmentFile);
  } catch {
    // There is none: the environment alone counts.
  }
  await runMain(process.env);
}
