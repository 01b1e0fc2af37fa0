import { expect, it } from 'vitest';
import { withLogContext } from './context.ts';
import { createLogger } from './logger.ts';

function capture(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger('info', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

const botToken = `123456789:${'x'.repeat(35)}`;

it('writes the ids of the context into every line, also after an await', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
  await withLogContext({ request_id: 'r1' }, async () => {
    await Promise.resolve();
    withLogContext({ run_id: 'run1' }, () => logger.info('inside'));
  });
  logger.info('outside');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ request_id: 'r1', run_id: 'run1', message: 'inside' });
  expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('request_id');
});

it('keeps secrets out of messages, fields and errors with their causes', () => {
  const cause = new Error(`POST https://api.example/bot${botToken}/getMe failed`);
  const text = capture((logger) => {
    logger.error({ error: new Error('call failed', { cause }), password: 'hunter2' }, `token ${botToken}`);
    logger.info({ headers: { authorization: 'Bearer abc.def.ghi', cookie: 'access_token=xyz' } }, 'request');
    logger.info('connecting to postgresql://ann:hunter2@db:5432/concierge');
  });
  expect(text).not.toContain(botToken);
  expect(text).not.toContain('hunter2');
  expect(text).not.toContain('abc.def.ghi');
  expect(text).not.toContain('xyz');
  expect(text).toContain('postgresql://ann:[password]@db:5432/concierge');
});
