import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';

/** A key of the state, or a path into it such as `judge.score`; null where there is nothing. */
export function fieldValue(state: JsonObject, field: string): JsonValue {
  if (Object.hasOwn(state, field)) return state[field] ?? null;
  let value: JsonValue = state;
  for (const step of field.split('.')) {
    if (!isJsonObject(value) || !Object.hasOwn(value, step)) return null;
    value = value[step] ?? null;
  }
  return value;
}

/**
 * What is compared of a record: a text as it is, items of a list in lines of their own, anything else
 * as JSON. null where the record has nothing, so that it is like no other.
 */
export function fieldText(state: JsonObject, field: string): string | null {
  const value = fieldValue(state, field);
  const text = Array.isArray(value) ? value.map(textOf).join('\n') : textOf(value);
  return text.trim() === '' ? null : text;
}

function textOf(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
