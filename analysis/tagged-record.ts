import { isJsonObject, type JsonObject, type JsonValue } from '../pipeline/json.ts';

/** What quality tagging has written into a record; empty where there is nothing of a kind. */
export interface RecordTags {
  /** `quality_characteristics.heuristic_based`. */
  heuristics: JsonObject;
  /** `quality_characteristics.LLM_based`. */
  judged: JsonObject;
  /** `data_taxonomy`. */
  taxonomy: JsonObject;
}

/** Reads the tags under a key of the record, where they may be JSON text, as CSV has them. null: the record has none. */
export function readTags(row: JsonObject, key: string): RecordTags | null {
  const metadata = parsedObject(row[key]);
  const characteristics = parsedObject(metadata.quality_characteristics);
  const tags = { heuristics: parsedObject(characteristics.heuristic_based), judged: parsedObject(characteristics.LLM_based), taxonomy: parsedObject(metadata.data_taxonomy) };
  return Object.keys(tags.heuristics).length + Object.keys(tags.judged).length === 0 ? null : tags;
}

/** Whether the rules have nothing against the record; a record without them has not been rejected. */
export function hasPassed({ heuristics }: RecordTags): boolean {
  return heuristics.passed !== false && heuristics.passed !== 'false';
}

/** An object, or the one that a JSON text holds; empty for anything else. */
export function parsedObject(value: JsonValue | undefined): JsonObject {
  if (isJsonObject(value)) return value;
  if (typeof value !== 'string' || !value.startsWith('{')) return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    // A text that only looks like JSON is a text.
    return {};
  }
}

/** A number, or a text that is one; null for anything else. */
export function numberOf(value: JsonValue | undefined): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** What stands at a path of keys; undefined where there is nothing. */
export function valueAt(value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((inner, key) => (isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value);
}
