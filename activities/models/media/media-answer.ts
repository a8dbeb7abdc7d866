import type { JsonValue } from '../../../pipeline/json.ts';
import { sniffMedia } from '../../media/sniff-media.ts';
import type { ModelAnswer } from '../model-client.ts';

/** Bytes of an answer with images or sounds at most. */
export const MAXIMUM_MEDIA_BYTES = 128 * 1024 * 1024;

/** OpenAI's raw sound, and Gemini's where it says no other rate. */
const PCM_RATE = 24_000;
const WAV_HEADER_BYTES = 44;

/** A part of an answer; the content says what it is. null: it is no image or sound that is known. */
export function mediaPart(content: Buffer): JsonValue | null {
  const kind = sniffMedia(content);
  if (kind === null) return null;
  const type = kind.type.startsWith('image/') ? 'image_url' : 'audio_url';
  return { type, [type]: { url: `data:${kind.type};base64,${content.toString('base64')}` } };
}

/** An answer that is one message. */
export function mediaAnswer(content: string | JsonValue[], more: Partial<ModelAnswer> = {}): ModelAnswer {
  return {
    message: { role: 'assistant', content },
    finishReason: 'stop',
    refusal: null,
    usage: { promptTokens: 0, completionTokens: 0, cachedPromptTokens: 0 },
    answeredBy: null,
    ...more,
  };
}

/** Raw sound, 16 bits little-endian and mono, as a WAV file. */
export function wavOfPcm(samples: Uint8Array, rate = PCM_RATE): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
