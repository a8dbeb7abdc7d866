import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { Store } from '../store/store.ts';
import { isMediaColumn, loadColumn } from './load-media.ts';
import { sniffMedia } from './sniff-media.ts';

/** Lists and mappings are searched so deep. */
const DEEPEST = 4;

/** A source row whose image and audio columns have become references to the store. Other rows are given back as they are. */
export async function keepRowMedia(store: Store, row: JsonObject): Promise<JsonObject> {
  if (!holdsMedia(row)) return row;
  return (await keepMediaIn(store, row)) as JsonObject;
}

/** Whether a source row has image or audio columns. */
export function holdsMedia(value: JsonValue, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return false;
  if (isKnownMedia(value)) return true;
  return Object.values(value).some((inner) => holdsMedia(inner, depth + 1));
}

async function keepMediaIn(store: Store, value: JsonValue): Promise<JsonValue> {
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const item of value) items.push(await keepMediaIn(store, item));
    return items;
  }
  if (!isJsonObject(value)) return value;
  if (isKnownMedia(value)) return loadColumn(value, { store });
  const entries: [string, JsonValue][] = [];
  for (const [key, inner] of Object.entries(value)) entries.push([key, await keepMediaIn(store, inner)]);
  return Object.fromEntries(entries);
}

/** Bytes of another kind stay in the row as they are. */
function isKnownMedia(value: JsonValue): boolean {
  return isMediaColumn(value) && sniffMedia(Buffer.from(value.bytes.slice(0, 64), 'base64')) !== null;
}
