import { expect, it } from 'vitest';
import { ExpiringMap } from './expiring-map.ts';

function mapOf(maxKeys: number, whenFull: 'refuse' | 'evict') {
  const clock = { now: 1000 };
  return { clock, map: new ExpiringMap<string>({ now: () => clock.now, maxKeys, whenFull }) };
}

it('does not show an entry from the moment it expires', () => {
  const { clock, map } = mapOf(10, 'refuse');
  map.set('a', 'x', 1100);
  clock.now = 1099;
  expect(map.get('a')).toBe('x');
  clock.now = 1100;
  expect(map.get('a')).toBeUndefined();
  expect(map.delete('a')).toBe(false);
});

it('replaces a value without prolonging its life', () => {
  const { clock, map } = mapOf(10, 'refuse');
  map.set('a', 'x', 1100);
  map.replace('a', 'y');
  expect(map.get('a')).toBe('y');
  clock.now = 1100;
  map.replace('a', 'z');
  expect(map.get('a')).toBeUndefined();
});

it('finds what expired after a life was shortened', () => {
  const { clock, map } = mapOf(1, 'refuse');
  map.set('a', 'x');
  map.expireAt('a', 1010);
  expect(() => map.set('b', 'x')).toThrow(/maximum of 1 keys/);
  clock.now = 1010;
  map.set('b', 'x');
  expect(map.size).toBe(1);
});

it('sweeps what has expired and nothing else', () => {
  const { clock, map } = mapOf(10, 'refuse');
  map.set('short', 'x', 1010);
  map.set('long', 'x', 2000);
  map.set('endless', 'x');
  clock.now = 1500;
  map.sweep();
  expect(map.size).toBe(2);
  clock.now = 2000;
  map.sweep();
  expect(map.size).toBe(1);
  expect(map.get('endless')).toBe('x');
});

it('pushes out the least recently set entry when it may, expired ones first', () => {
  const { clock, map } = mapOf(2, 'evict');
  map.set('a', 'x');
  map.set('b', 'x', 1010);
  clock.now = 1010;
  map.set('c', 'x');
  expect(map.get('a')).toBe('x');
  map.set('a', 'y');
  map.set('d', 'x');
  expect([map.get('a'), map.get('c'), map.get('d')]).toEqual(['y', undefined, 'x']);
});
