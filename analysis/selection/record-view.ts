import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { numberOf, parsedObject, readTags, valueAt } from '../tagged-record.ts';

/**
 * A record as conditions and fields see it: its own keys, and under short names what quality tagging
 * has written, such as `accuracy`, `overall_score`, `category`, `difficulty` or `language.detected`.
 * Own keys go before judged scores, these before the taxonomy and that before what rules have found.
 */
export function recordView(row: JsonObject, key: string): JsonObject {
  const tags = readTags(row, key);
  if (tags === null) return row;
  return { ...tags.heuristics, ...present(tags.taxonomy), ...present(tags.judged), ...row, [key]: parsedObject(row[key]) };
}

/** The value at a path such as `metadata.score`; a key that has the dots in its name goes first. */
export function fieldAt(view: JsonObject, field: string): JsonValue | undefined {
  return Object.hasOwn(view, field) ? view[field] : valueAt(view, field.split('.'));
}

/** NaN where the record has no number there. */
export function numberAt(view: JsonObject, field: string): number {
  return numberOf(fieldAt(view, field)) ?? Number.NaN;
}

/** A stratum's name; null where the record has nothing there. */
export function textAt(view: JsonObject, field: string): string | null {
  const value = fieldAt(view, field);
  if (value === undefined || value === null) return null;
  return isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}

/** Parquet has nulls where a record has nothing: they stand for no value. */
function present(tags: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== null));
}
