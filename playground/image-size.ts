/** Width and height in pixels of a PNG, GIF, JPEG or WebP (VP8X) file, from its header; undefined for all else. */
export function imageSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length < 24) return undefined;
  if (data.readUInt32BE(0) === 0x89504e47)
    return { width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
  if (data.toString('latin1', 0, 4) === 'GIF8')
    return { width: data.readUInt16LE(6), height: data.readUInt16LE(8) };
  if (data.toString('latin1', 8, 12) === 'WEBP') return webpSize(data);
  if (data.readUInt16BE(0) === 0xffd8) return jpegSize(data);
  return undefined;
}

function webpSize(data: Buffer): { width: number; height: number } | undefined {
  const kind = data.toString('latin1', 12, 16);
  if (data.length < 30) return undefined;
  if (kind === 'VP8X') return { width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 };
  if (kind === 'VP8 ')
    return { width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff };
  const bits = data.readUInt32LE(21);
  return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}

/** Walks the segments up to the frame header, which begins with a marker C0…CF but C4, C8, CC. */
function jpegSize(data: Buffer): { width: number; height: number } | undefined {
  let at = 2;
  while (at + 9 < data.length && data[at] === 0xff) {
    const marker = data[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: data.readUInt16BE(at + 7), height: data.readUInt16BE(at + 5) };
    }
    at += 2 + data.readUInt16BE(at + 2);
  }
  return undefined;
}
