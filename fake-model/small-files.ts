import { crc32, deflateSync } from 'node:zlib';

const PNG_SIDE = 8;

/** A PNG of 8 by 8 pixels in the colour that the hash says. */
export function smallPng(hash: number): Buffer {
  const colour = [hash & 255, (hash >>> 8) & 255, (hash >>> 16) & 255];
  const row = [0, ...Array.from({ length: PNG_SIDE }, () => colour).flat()];
  const pixels = Buffer.from(Array.from({ length: PNG_SIDE }, () => row).flat());
  const header = Buffer.alloc(13);
  header.writeUInt32BE(PNG_SIDE, 0);
  header.writeUInt32BE(PNG_SIDE, 4);
  // Eight bits a channel, red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

const SAMPLE_RATE = 8000;
const SAMPLES = 800;

/** A tenth of a second of a tone, as 16-bit mono WAV; the hash says its pitch. */
export function smallWav(hash: number): Buffer {
  const wav = Buffer.alloc(44 + SAMPLES * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(SAMPLES * 2, 40);
  const pitch = 220 + (hash % 660);
  for (let sample = 0; sample < SAMPLES; sample++) {
    wav.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * pitch * sample) / SAMPLE_RATE)), 44 + sample * 2);
  }
  return wav;
}
