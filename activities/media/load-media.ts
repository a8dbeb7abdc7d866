import { realpath, stat, readFile } from 'node:fs/promises';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { isJsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { Store } from '../store/store.ts';
import { fetchMedia } from './fetch-media.ts';
import { mediaError } from './media-error.ts';
import { isMediaReference, type MediaReference } from './media-reference.ts';
import { keepMedia, mediaKey, MOST_MEDIA_BYTES } from './media-store.ts';

export interface MediaPlace {
  store: Store;
  environment: NodeJS.ProcessEnv;
  /** Folders that paths in the data may lead into, absolute; relative paths begin at the first that has the file. */
  roots: readonly string[];
  signal: AbortSignal;
}

/**
 * The images or sounds that a value of the data stands for: a reference, a path, a url, a data url,
 * what a Hugging Face image or audio column holds (`{bytes, path}`), or a list of these.
 * @throws SyngraphError MEDIA_INVALID
 */
export async function loadMedia(value: JsonValue, place: MediaPlace): Promise<MediaReference[]> {
  if (Array.isArray(value)) {
    const loaded: MediaReference[] = [];
    for (const item of value) loaded.push(...(await loadMedia(item, place)));
    return loaded;
  }
  if (value === null || value === '') return [];
  if (isMediaReference(value)) {
    // Rows and answers may hold anything, also what only looks like one of ours.
    if ((await place.store.size(mediaKey(value.$media))) === null) throw mediaError(value.$media, 'the store has no such content');
    return [value];
  }
  if (typeof value === 'string') return [await loadText(value, place)];
  if (isJsonObject(value)) {
    const column = await loadColumn(value, place);
    if (column !== null) return [column];
    if (typeof value['url'] === 'string') return [await loadText(value['url'], place)];
  }
  throw mediaError(JSON.stringify(value), 'is no path, url, data url or {bytes, path} of an image or sound');
}

/** What an image or audio column holds; null where the value has not its shape. */
export async function loadColumn(value: JsonValue, place: Pick<MediaPlace, 'store'>): Promise<MediaReference | null> {
  if (!isMediaColumn(value)) return null;
  const path = value.path === null ? null : basename(value.path);
  return keepMedia(place.store, Buffer.from(value.bytes, 'base64'), { what: path ?? 'a media column', path });
}

export function isMediaColumn(value: JsonValue): value is { bytes: string; path: string | null } {
  if (!isJsonObject(value) || typeof value['bytes'] !== 'string') return false;
  const keys = Object.keys(value);
  return keys.every((key) => key === 'bytes' || key === 'path' || key === 'sampling_rate') && (value['path'] === null || typeof value['path'] === 'string');
}

async function loadText(text: string, place: MediaPlace): Promise<MediaReference> {
  if (text.startsWith('data:')) return keepMedia(place.store, decodeDataUrl(text), { what: text.slice(0, 60), path: null });
  if (/^https?:/i.test(text)) {
    const content = await fetchMedia(text, place.environment, place.signal);
    return keepMedia(place.store, content, { what: text, path: basename(new URL(text).pathname) || null });
  }
  return loadFile(text, place);
}

function decodeDataUrl(url: string): Buffer {
  const match = /^data:[^,]*?(;base64)?,/.exec(url);
  if (match === null) throw mediaError(url.slice(0, 60), 'is no data url');
  const body = url.slice(match[0].length);
  if (body.length > 2 * MOST_MEDIA_BYTES) throw mediaError(url.slice(0, 60), `is larger than ${MOST_MEDIA_BYTES} bytes`);
  if (match[1] !== undefined) return Buffer.from(body, 'base64');
  try {
    return Buffer.from(decodeURIComponent(body));
  } catch {
    throw mediaError(url.slice(0, 60), 'holds an escape that stands for nothing');
  }
}

/** A path in the data may name no file outside the folders that it may lead into, links followed. */
async function loadFile(text: string, { store, roots }: MediaPlace): Promise<MediaReference> {
  const candidates = isAbsolute(text) ? [text] : roots.map((root) => resolve(root, text));
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  for (const candidate of candidates) {
    const path = await realpath(candidate).catch(() => null);
    if (path === null) continue;
    if (!realRoots.some((root) => isInside(root, path))) throw mediaError(text, `lies under none of ${roots.join(', ')}`, 'Put the files into the task folder, or run in the folder that holds them.');
    const found = await stat(path);
    if (!found.isFile()) throw mediaError(text, 'is no file');
    const { size } = found;
    if (size > MOST_MEDIA_BYTES) throw mediaError(text, `${size} bytes are more than the ${MOST_MEDIA_BYTES} that are possible`);
    return keepMedia(store, await readFile(path), { what: text, path: basename(path) });
  }
  throw mediaError(text, `there is no such file; looked for ${candidates.join(', ')}`);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
