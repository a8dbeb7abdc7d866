import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { StateChange } from './node-result.ts';

/**
 * What a user function has changed: keys that are new or differ. A `messages` list that begins as
 * it was becomes an append, so that parallel branches can both add to it.
 */
export function changedState(before: JsonObject, after: JsonObject): StateChange {
  const set: JsonObject = {};
  let append: JsonValue[] | undefined;
  for (const [key, value] of Object.entries(after)) {
    const known = before[key];
    if (known !== undefined && isDeepStrictEqual(known, value)) continue;
    const added = key === 'messages' ? appended(known, value) : null;
    if (added === null) set[key] = value;
    else append = added;
  }
  return append === undefined ? { set } : { set, append };
}

function appended(before: JsonValue | undefined, after: JsonValue): JsonValue[] | null {
  const known = before ?? [];
  if (!Array.isArray(known) || !Array.isArray(after) || after.length < known.length) return null;
  return known.every((message, index) => isDeepStrictEqual(message, after[index])) ? after.slice(known.length) : null;
}
