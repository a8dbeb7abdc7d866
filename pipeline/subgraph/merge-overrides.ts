import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** Mappings are merged key by key; any other value of `updates` takes the place of what was there. */
export function mergeOverrides(base: JsonObject, updates: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(updates)) {
    const old: JsonValue | undefined = Object.hasOwn(base, key) ? base[key] : undefined;
    merged[key] = isJsonObject(value) && isJsonObject(old) ? mergeOverrides(old, value) : value;
  }
  return merged;
}
