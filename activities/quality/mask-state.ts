import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { PiiKind } from '../../pipeline/quality-rules.ts';
import { maskPii } from '../../quality/find-pii.ts';

/** The given keys of a state with personal data replaced in every text, however deep. */
export function maskState(state: JsonObject, keys: readonly string[], kinds: readonly PiiKind[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, maskValue(state[key] ?? null, kinds)]));
}

function maskValue(value: JsonValue, kinds: readonly PiiKind[]): JsonValue {
  if (typeof value === 'string') return maskPii(value, kinds);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, kinds));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskValue(item, kinds)]));
}
