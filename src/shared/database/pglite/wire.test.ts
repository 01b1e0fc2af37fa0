import { expect, it } from 'vitest';
import { MessageReader, message, queryMessage, WireError } from './wire.ts';

function startedReader(): MessageReader {
  const reader = new MessageReader();
  reader.started();
  return reader;
}

it('finds the same messages however the bytes are cut', () => {
  const sent = [queryMessage('select 1'), message('S'), queryMessage('x'.repeat(70_000)), message('X')];
  const bytes = Buffer.concat(sent);
  for (const size of [1, 4, 5, 6, 13, 4096, bytes.length]) {
    const reader = startedReader();
    const found: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      reader.push(bytes.subarray(at, at + size));
      for (let next = reader.next(); next; next = reader.next()) found.push(next.bytes);
    }
    expect(Buffer.concat(found).equals(bytes)).toBe(true);
    expect(found.map((one) => one.length)).toEqual(sent.map((one) => one.length));
  }
});

it('reads a message of 32 MiB that arrives in small chunks in linear time', () => {
  const reader = startedReader();
  const whole = queryMessage('x'.repeat(32 * 1024 * 1024));
  const started = performance.now();
  for (let at = 0; at < whole.length; at += 16_384) {
    reader.push(whole.subarray(at, at + 16_384));
    if (at + 16_384 < whole.length) expect(reader.next()).toBeUndefined();
  }
  expect(reader.next()?.bytes.length).toBe(whole.length);
  expect(performance.now() - started).toBeLessThan(5_000);
});

it('refuses lengths that are too long or too short before their bytes arrive', () => {
  for (const length of [3, 65 * 1024 * 1024, 0xffffffff]) {
    const reader = startedReader();
    const header = Buffer.from('Q\0\0\0\0');
    header.writeUInt32BE(length, 1);
    reader.push(header);
    expect(() => reader.next()).toThrow(WireError);
  }
});
