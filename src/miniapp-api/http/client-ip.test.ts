import { describe, expect, it } from 'vitest';
import { clientIpResolver, isLoopback } from './client-ip.ts';

describe('clientIpResolver', () => {
  const resolve = clientIpResolver(['10.0.0.0/8', '192.168.1.1', '2001:db8::/32']);

  it.each([
    ['a direct peer', '203.0.113.5', undefined, '203.0.113.5'],
    ['a direct peer that forges the header', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['a peer behind a proxy', '10.1.2.3', '203.0.113.5', '203.0.113.5'],
    ['a peer behind two proxies', '10.1.2.3', '203.0.113.5, 192.168.1.1', '203.0.113.5'],
    ['a peer that forges hops behind a proxy', '10.1.2.3', '1.1.1.1, 203.0.113.5', '203.0.113.5'],
    ['an IPv4 address in IPv6 spelling', '::ffff:10.1.2.3', '::ffff:203.0.113.5', '203.0.113.5'],
    ['IPv6', '2001:db8::1', '2001:db9::7', '2001:db9::7'],
    ['a proxy that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['a header with something else', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['a socket that is gone', undefined, undefined, 'unknown'],
  ])('finds %s', (_case, peer, forwardedFor, expected) => {
    expect(resolve(peer, forwardedFor)).toBe(expected);
  });

  it.each(['nginx', '10.0.0.0/33', '10.0.0.0/x', ''])('refuses %j as a proxy', (entry) => {
    expect(() => clientIpResolver([entry])).toThrow(/TRUSTED_PROXIES/);
  });
});

it('knows the addresses of this machine', () => {
  expect(['127.0.0.1', '127.1.1.1', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['128.0.0.1', '10.0.0.1', '', '127.evil.example'].map(isLoopback)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
