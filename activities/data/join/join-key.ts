import { isJsonObject, type JsonValue } from '../../../pipeline/json.ts';

/**
 * What a value is matched by: its text, so that the `7` of a CSV file matches the number 7. Fields
 * that ServiceNow gives with their display text match by their value. null matches nothing.
 */
export function joinKey(value: JsonValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (isJsonObject(value) && Object.hasOwn(value, 'value')) return joinKey(value['value']);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
