import { randomFillSync } from 'node:crypto';

let lastTime = 0;
let sequence = 0;

/**
 * A new UUID version 7 (RFC 9562): sorts by time, and within one process strictly in the order of the calls.
 * Not a secret: it can be guessed from its neighbours.
 */
export function newId(): string {
  // RFC 9562, section 6.2, method 1: 12 bits of `rand_a` count within one millisecond. When they run out,
  // or the clock steps back, time is taken from the future instead.
  const now = Date.now();
  if (now > lastTime) {
    lastTime = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastTime++;
    sequence = 0;
  }
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(lastTime, 0, 6);
  bytes.writeUInt16BE(0x7000 | sequence, 6);
  randomFillSync(bytes, 8);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
