import { isJsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { ModelRequest } from '../models/model-client.ts';
import type { MaterialisedRequest } from '../models/model-gateway.ts';
import type { Store } from '../store/store.ts';
import { createByteBudget } from './byte-budget.ts';
import { mediaNameOf } from './media-reference.ts';
import { mediaKey, readMedia } from './media-store.ts';
import { mediaTypeOf } from './sniff-media.ts';

/** Characters of contents that requests in flight hold at a time, over all runs of the worker. */
const IN_FLIGHT = 256 * 1024 * 1024;
const budget = createByteBudget(IN_FLIGHT);

/** Four characters of base64 hold three bytes; the request's text is made of them once more. */
const CHARACTERS_PER_BYTE = 8 / 3;

/** Names of the media that a request refers to. */
export function mediaOf(request: ModelRequest): string[] {
  return request.messages.flatMap(({ content }) => (Array.isArray(content) ? content.flatMap((part) => nameIn(part)?.name ?? []) : []));
}

/** The request with the contents of its images and sounds as data urls. Waits while too much is in flight. */
export async function materialiseMedia(store: Store, request: ModelRequest, signal: AbortSignal): Promise<MaterialisedRequest> {
  const names = mediaOf(request);
  if (names.length === 0) return { request, release: () => undefined };
  const sizes = await Promise.all(names.map((name) => store.size(mediaKey(name))));
  const release = await budget.take(sizes.reduce<number>((sum, size) => sum + (size ?? 0) * CHARACTERS_PER_BYTE, 0), signal);
  try {
    const messages = await Promise.all(
      request.messages.map(async (message) => {
        const { content } = message;
        return Array.isArray(content) ? { ...message, content: await Promise.all(content.map((part) => fillPart(store, part))) } : message;
      }),
    );
    return { request: { ...request, messages }, release };
  } catch (error) {
    release();
    throw error;
  }
}

async function fillPart(store: Store, part: JsonValue): Promise<JsonValue> {
  const found = nameIn(part);
  if (found === null) return part;
  const { kind, name } = found;
  const content = (await readMedia(store, name)).toString('base64');
  const extension = name.slice(name.indexOf('.') + 1);
  if (kind === 'image_url') return { type: 'image_url', image_url: { url: `data:${mediaTypeOf(extension) ?? 'image/png'};base64,${content}` } };
  return { type: 'input_audio', input_audio: { data: content, format: extension } };
}

function nameIn(part: JsonValue): { kind: 'image_url' | 'audio_url'; name: string } | null {
  if (!isJsonObject(part)) return null;
  const kind = part['type'] === 'image_url' ? 'image_url' : part['type'] === 'audio_url' ? 'audio_url' : null;
  const holder = kind === null ? null : part[kind];
  if (kind === null || !isJsonObject(holder ?? null)) return null;
  const url = (holder as { url?: JsonValue }).url;
  const name = typeof url === 'string' ? mediaNameOf(url) : null;
  return name === null ? null : { kind, name };
}
