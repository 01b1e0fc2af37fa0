import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Issue } from '../errors.ts';
import { ConfigError } from './config-error.ts';
import { type Environment, environmentSchema, meaningOf } from './schema.ts';

/** The settings that code uses: the environment with what follows from it filled in. */
export interface Config extends Omit<Environment, 'PUBLIC_URL'> {
  PUBLIC_URL: string;
}

/**
 * Reads the settings from environment variables. Empty values count as not set, as `.env` files are written.
 * @throws ConfigError that names every wrong variable at once; it never contains a value.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.keys(environmentSchema.shape).flatMap((name) => {
      const value = environment[name]?.trim();
      return value ? [[name, value]] : [];
    }),
  );
  const parsed = environmentSchema.safeParse(given);
  const issues = parsed.success ? missing(parsed.data) : parsed.error.issues.map(describe);
  if (!parsed.success || issues.length > 0) throw new ConfigError(distinct(issues));
  return {
    ...parsed.data,
    DATA_DIR: resolve(parsed.data.DATA_DIR),
    PUBLIC_URL: parsed.data.PUBLIC_URL ?? `http://localhost:${parsed.data.PORT}`,
  };
}

function describe(issue: z.core.$ZodIssue): Issue {
  const name = String(issue.path[0]);
  return { path: name, message: expectation(name as keyof Environment) };
}

function expectation(name: keyof Environment): string {
  return `expected ${meaningOf(name).expected}`;
}

/** What becomes necessary because of other settings. */
function missing(environment: Environment): Issue[] {
  const issues: Issue[] = [];
  const need = (name: keyof Environment, reason: string) => {
    if (environment[name] === undefined) {
      issues.push({ path: name, message: `${reason}; ${expectation(name)}` });
    }
  };
  if (environment.NODE_ENV === 'production') {
    need('JWT_SECRET', 'needed when NODE_ENV=production');
    // The API checks with it who opens the Mini App.
    if (environment.ROLE !== 'worker') {
      need('BOT_TOKEN', 'needed when NODE_ENV=production');
    }
  }
  if (environment.BOT_MODE === 'webhook') {
    need('BOT_WEBHOOK_SECRET', 'needed when BOT_MODE=webhook');
    need('PUBLIC_URL', 'needed when BOT_MODE=webhook');
  }
  if (environment.ROLE !== 'all') {
    need('DATABASE_URL', 'needed when ROLE is not all, because processes share it');
    need('REDIS_URL', 'needed when ROLE is not all, because processes share it');
  }
  const provider = providerNames(environment)[0];
  if (provider !== undefined) need('DEFAULT_MODEL', `needed because the provider ${provider} is configured`);
  return issues;
}

/** Names of the configured model providers. */
export function providerNames(environment: Omit<Environment, 'PUBLIC_URL'>): string[] {
  return [
    ...((environment.OPENAI_API_KEY ?? environment.OPENAI_BASE_URL) ? ['openai'] : []),
    ...(environment.OPENROUTER_API_KEY ? ['openrouter'] : []),
    ...(environment.TOGETHER_API_KEY ? ['together'] : []),
    ...(environment.OLLAMA_URL ? ['ollama'] : []),
  ];
}

function distinct(issues: Issue[]): Issue[] {
  return [...new Map(issues.map((issue) => [issue.path, issue])).values()];
}
