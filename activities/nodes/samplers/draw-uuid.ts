import type { SeededStream } from './seeded-stream.ts';

/** A random (version 4) UUID as RFC 9562 lays it out. */
export function drawUuid(stream: SeededStream): string {
  const bytes = Buffer.alloc(16);
  for (let offset = 0; offset < 16; offset += 4) bytes.writeUInt32BE(stream.nextInteger(), offset);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
