import { isJsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ChatMessage } from '../model-client.ts';
import { asText, readDataUrl, textOf } from '../providers/turns.ts';

/** An image or sound of a prompt. */
export interface PromptFile {
  bytes: Buffer<ArrayBuffer>;
  /** E.g. `image/png`. */
  mediaType: string;
  /** Made up: the server looks at its ending. */
  name: string;
}

/** What a prompt says, images and sounds apart, for endpoints that hold no conversation. */
export interface MediaPrompt {
  text: string;
  images: PromptFile[];
  sounds: PromptFile[];
}

export function mediaPromptOf(messages: readonly ChatMessage[]): MediaPrompt {
  const files = messages.flatMap(({ content }) => (Array.isArray(content) ? content.flatMap((part) => fileOf(part) ?? []) : []));
  const text = messages.map(({ content }) => textOf(Array.isArray(content) ? content.filter(isText) : content)).filter((line) => line !== '').join('\n');
  return { text, images: files.filter(({ mediaType }) => mediaType.startsWith('image/')), sounds: files.filter(({ mediaType }) => mediaType.startsWith('audio/')) };
}

function isText(part: JsonValue): boolean {
  return typeof part === 'string' || (isJsonObject(part) && part['type'] === 'text');
}

function fileOf(part: JsonValue): PromptFile | null {
  if (!isJsonObject(part)) return null;
  const { input_audio: sound, image_url: image, audio_url: audio } = part;
  if (isJsonObject(sound) && typeof sound['data'] === 'string') return file(sound['data'], `audio/${asText(sound['format'] ?? 'wav')}`);
  const holder = image ?? audio;
  const url = isJsonObject(holder) ? holder['url'] : holder;
  const data = typeof url === 'string' ? readDataUrl(url) : null;
  return data === null ? null : file(data.data, data.mediaType);
}

function file(data: string, mediaType: string): PromptFile {
  const extension = mediaType.slice(mediaType.indexOf('/') + 1).replace('mpeg', 'mp3').replace('mp4', 'm4a');
  return { bytes: Buffer.from(data, 'base64'), mediaType, name: `file.${extension}` };
}
