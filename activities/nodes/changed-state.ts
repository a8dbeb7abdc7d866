import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { StateChange } from './node-result.ts';

/** Requests and answers of nodes with `chat_history: true`, as SyGra names it. */
export const CHAT_HISTORY = '__chat_history__';

/**
 * What a user function has changed: keys that are new or differ. A `messages` list or a
 * chat history that begins as it was becomes an append, so that parallel branches can both add to it.
 */
export function changedState(before: JsonObject, after: JsonObject): StateChange {
  const set: JsonObject = {};
  let append: JsonValue[] | undefined;
  let history: JsonValue[] | undefined;
  for (const [key, value] of Object.entries(after)) {
    const known = before[key];
    if (known !== undefined && isDeepStrictEqual(known, value)) continue;
    const added = key === 'messages' || key === CHAT_HISTORY ? appended(known, value) : null;
    if (added === null) set[key] = value;
    else if (key === CHAT_HISTORY) history = added;
    else append = added;
  }
  return { set, ...(append === undefined ? {} : { append }), ...(history === undefined ? {} : { history }) };
}

function appended(before: JsonValue | undefined, after: JsonValue): JsonValue[] | null {
  const known = before ?? [];
  if (!Array.isArray(known) || !Array.isArray(after) || after.length < known.length) return null;
  return known.every((message, index) => isDeepStrictEqual(message, after[index])) ? after.slice(known.length) : null;
}
