import { expect, test } from 'vitest';
import { createLinks } from './links.ts';

const telegram = { BOT_API_ROOT: 'https://api.telegram.org', MINI_APP_NAME: undefined };

test('the Mini App is linked only with addresses that Telegram takes', () => {
  const bare = createLinks({ ...telegram, PUBLIC_URL: 'http://localhost:8080' }, 'bot');
  expect(bare.webApp('tasks/1')).toBeUndefined();
  const secure = createLinks({ ...telegram, PUBLIC_URL: 'https://c.example.org' }, 'bot');
  expect(secure.webApp('tasks/1')).toBe('https://c.example.org/app/tasks/1');
  const local = {
    PUBLIC_URL: 'http://localhost:8080',
    BOT_API_ROOT: 'http://127.0.0.1:8081',
    MINI_APP_NAME: undefined,
  };
  expect(createLinks(local, 'bot').webApp()).toBe('http://localhost:8080/app/');
});

test('a task opens in the Mini App when it has a name, else in the private chat', () => {
  const config = { ...telegram, PUBLIC_URL: 'https://c.example.org' };
  expect(createLinks(config, 'bot').task('1')).toBe('https://t.me/bot?start=task_1');
  expect(createLinks({ ...config, MINI_APP_NAME: 'app' }, 'bot').task('1')).toBe(
    'https://t.me/bot/app?startapp=task_1',
  );
});
