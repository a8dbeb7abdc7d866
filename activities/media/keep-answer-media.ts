import { isJsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { ModelAnswer } from '../models/model-client.ts';
import type { Store } from '../store/store.ts';
import { loadMedia } from './load-media.ts';
import { mediaUrl } from './media-reference.ts';

/** Whether an answer may have images or sounds in it: only content in parts can. */
export function hasParts({ message, alternatives = [] }: ModelAnswer): boolean {
  return Array.isArray(message.content) || alternatives.some((alternative) => Array.isArray(alternative.message.content));
}

/** An answer whose images and sounds are in the store, with references in their place: the journal stays small. */
export async function keepAnswerMedia(store: Store, answer: ModelAnswer): Promise<ModelAnswer> {
  const alternatives = answer.alternatives;
  const kept = await keepMessage(store, answer);
  if (alternatives === undefined) return kept;
  return { ...kept, alternatives: await Promise.all(alternatives.map((alternative) => keepMessage(store, alternative))) };
}

async function keepMessage<Answer extends Pick<ModelAnswer, 'message'>>(store: Store, answer: Answer): Promise<Answer> {
  const { content } = answer.message;
  if (!Array.isArray(content)) return answer;
  return { ...answer, message: { ...answer.message, content: await Promise.all(content.map((part) => keepPart(store, part))) } };
}

async function keepPart(store: Store, part: JsonValue): Promise<JsonValue> {
  if (!isJsonObject(part)) return part;
  for (const kind of ['image_url', 'audio_url'] as const) {
    const url = part['type'] === kind && isJsonObject(part[kind] ?? null) ? (part[kind] as { url?: JsonValue }).url : undefined;
    if (typeof url !== 'string' || !url.startsWith('data:')) continue;
    const place = { store, environment: {}, roots: [], signal: AbortSignal.timeout(60_000) };
    const [reference] = await loadMedia(url, place);
    if (reference !== undefined) return { type: kind, [kind]: { url: mediaUrl(reference) }, media: reference };
  }
  return part;
}
