import type { JsonObject, JsonValue } from '../pipeline/json.ts';

/** CSV has lists and mappings as JSON text; any other text is left as it is. */
export function parsedCell(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return value;
  }
}

/** CSV has null as an empty cell. */
export function isPresent(value: JsonValue | undefined): value is JsonValue {
  return value !== undefined && value !== null && value !== '';
}

/** The record's own spelling of the first of `names` that it has a value for: datasets write `Question` and `question`. */
export function fieldNamed(record: JsonObject, names: readonly string[]): string | null {
  for (const name of names) {
    if (Object.hasOwn(record, name) && isPresent(record[name])) return name;
    const other = Object.keys(record).find((key) => key.toLowerCase() === name && isPresent(record[key]));
    if (other !== undefined) return other;
  }
  return null;
}

/** A list of texts, which may stand alone or be missing. */
export function textsOf(value: JsonValue | undefined): string[] {
  const cell = parsedCell(value);
  if (Array.isArray(cell)) return cell.filter((item) => typeof item === 'string');
  return typeof cell === 'string' && cell !== '' ? [cell] : [];
}

export function withoutFields(record: JsonObject, used: readonly (string | null)[]): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !used.includes(key)));
}
