import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';

function issuesOf(environment: Record<string, string>): ConfigError {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  it('needs nothing', () => {
    const config = loadConfig({});
    expect(config.PORT).toBe(8080);
    expect(config.PUBLIC_URL).toBe('http://localhost:8080');
    expect(config.ROLE).toBe('all');
  });

  it('takes an empty value for not set', () => {
    expect(loadConfig({ BOT_TOKEN: '', PORT: ' ' }).PORT).toBe(8080);
  });

  it('reports every wrong variable at once with what is expected', () => {
    const error = issuesOf({ PORT: 'eighty', ROLE: 'king', REDIS_URL: 'localhost' });
    expect(error.issues.map((issue) => issue.path)).toEqual(['ROLE', 'PORT', 'REDIS_URL']);
    expect(error.message).toContain('PORT: expected a port number from 0 to 65535');
    expect(error.message).toContain('ROLE: expected all, api, bot or worker');
  });

  it('never repeats a value, because it may be a secret', () => {
    const error = issuesOf({ BOT_TOKEN: 'hunter2-is-my-password', JWT_SECRET: 'short-password' });
    expect(error.message).not.toContain('hunter2');
    expect(error.message).not.toContain('short-password');
    expect(JSON.stringify(error.issues)).not.toContain('hunter2');
  });

  it('requires secrets in production', () => {
    const error = issuesOf({ NODE_ENV: 'production' });
    expect(error.issues.map((issue) => issue.path)).toEqual(['JWT_SECRET', 'BOT_TOKEN']);
  });

  it('requires shared storage when the roles are split', () => {
    const error = issuesOf({ ROLE: 'api' });
    expect(error.issues.map((issue) => issue.path)).toEqual(['DATABASE_URL', 'REDIS_URL']);
  });

  it('requires a default model as soon as there is a provider', () => {
    expect(issuesOf({ OLLAMA_URL: 'http://localhost:11434' }).issues[0]?.path).toBe('DEFAULT_MODEL');
    const config = loadConfig({ OLLAMA_URL: 'http://localhost:11434/', DEFAULT_MODEL: 'ollama:llama3:8b' });
    expect(config.OLLAMA_URL).toBe('http://localhost:11434');
  });

  it('knows what an address or a range of proxies is', () => {
    expect(loadConfig({ TRUSTED_PROXIES: '10.0.0.5, fd00::/8' }).TRUSTED_PROXIES).toHaveLength(2);
    for (const wrong of ['proxy', '10.0.0.0/33', '1.2.3.4/8/9', '10.0.0.0/']) {
      expect(issuesOf({ TRUSTED_PROXIES: wrong }).issues[0]?.path).toBe('TRUSTED_PROXIES');
    }
  });

  it('requires a secret and an address for a webhook', () => {
    const error = issuesOf({ BOT_MODE: 'webhook' });
    expect(error.issues.map((issue) => issue.path)).toEqual(['BOT_WEBHOOK_SECRET', 'PUBLIC_URL']);
  });
});
