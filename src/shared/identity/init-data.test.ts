import { sign } from '@telegram-apps/init-data-node';
import { describe, expect, it } from 'vitest';
import { verifyInitData } from './init-data.ts';

const botToken = ['700000001', 'test-vector-token-of-no-bot-at-all'].join(':');
const now = Date.UTC(2026, 0, 15, 12);
const ann = { id: 1001, first_name: 'Ann', username: 'ann', language_code: 'en' };

function signed(data: object = { user: ann }, ageSeconds = 10, token = botToken): string {
  return sign(data, token, new Date(now - ageSeconds * 1000));
}

function verify(initData: string) {
  return verifyInitData(initData, { botToken, maxAgeSeconds: 300, now: () => now });
}

describe('verifyInitData', () => {
  it('accepts what was signed with the token, in any order of fields', () => {
    const initData = signed({ user: ann, start_param: 'kb_1', signature: 'abc' });
    expect(verify(initData)).toMatchObject({ status: 'valid', user: { id: 1001 }, startParam: 'kb_1' });
    const reversed = initData.split('&').toReversed().join('&');
    expect(verify(reversed).status).toBe('valid');
  });

  it.each([
    ['another token', signed({ user: ann }, 10, `${botToken}x`)],
    ['too old', signed({ user: ann }, 301)],
    ['in the future', signed({ user: ann }, -31)],
    ['no user', signed({ query_id: 'q' })],
    ['a user without id', signed({ user: { first_name: 'Ann' } })],
    ['a changed user', signed().replace('Ann', 'Bob')],
    ['a removed field', signed({ user: ann, start_param: 'x' }).replace(/&?start_param=x/, '')],
    ['an added field', `${signed()}&start_param=admin`],
    ['two hashes', `${signed()}&hash=${'0'.repeat(64)}`],
    ['a field twice', `${signed()}&auth_date=1`],
    ['no hash', signed().replace(/&?hash=[0-9a-f]+/, '')],
    ['an empty hash', signed().replace(/hash=[0-9a-f]+/, 'hash=')],
    ['a short hash', signed().replace(/hash=[0-9a-f]+/, 'hash=ab')],
    ['a hash in capitals', signed().replace(/hash=[0-9a-f]+/, (hash) => hash.toUpperCase())],
    ['more than 4 KiB', signed({ user: ann, start_param: 'x'.repeat(4200) })],
    ['nothing', ''],
    ['no pairs', '%%%&&==;'],
  ])('refuses %s', (_name, initData) => {
    expect(verify(initData).status).toBe('refused');
  });

  it('refuses every single changed character', () => {
    const initData = signed();
    for (let index = 0; index < initData.length; index++) {
      const other = initData[index] === '7' ? '8' : '7';
      const changed = initData.slice(0, index) + other + initData.slice(index + 1);
      const decodesTheSame =
        new URLSearchParams(changed).toString() === new URLSearchParams(initData).toString();
      if (!decodesTheSame) expect(verify(changed).status, changed).toBe('refused');
    }
  });
});
