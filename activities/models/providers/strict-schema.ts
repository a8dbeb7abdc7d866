import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';

/** Keywords that OpenAI's strict mode does not take, and that can be left to the validation of the answer. */
const LEFT_OUT = new Set([
  '$schema', '$id', 'default', 'examples', 'minLength', 'maxLength', 'uniqueItems', 'contains', 'minContains', 'maxContains',
  'minProperties', 'maxProperties', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties', 'readOnly', 'writeOnly', 'deprecated',
]);
/** Keywords without which a schema would mean something else. */
const INEXPRESSIBLE = ['allOf', 'not', 'if', 'then', 'else', 'patternProperties', 'dependentSchemas', 'dependentRequired', 'prefixItems'];
const DEEPEST = 64;

/**
 * The schema as OpenAI's strict mode takes it: no other properties than those listed, all of them
 * required. null: it cannot be said so, e.g. because an object may have any keys.
 */
export function strictSchema(schema: JsonObject): JsonObject | null {
  const strict = tighten(schema, 0);
  return isJsonObject(strict) && strict.type === 'object' && strict.anyOf === undefined ? strict : null;
}

/** null: it cannot be said in strict mode. */
function tighten(schema: JsonValue, depth: number): JsonValue | null {
  if (!isJsonObject(schema) || depth > DEEPEST || INEXPRESSIBLE.some((key) => key in schema)) return null;
  // An empty schema takes any value, which strict mode has no word for.
  if (!['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'properties'].some((key) => key in schema)) return null;
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (LEFT_OUT.has(key)) continue;
    const tight = tightenKeyword(key, value, depth);
    if (tight === null && value !== null) return null;
    result[key === 'oneOf' ? 'anyOf' : key] = tight;
  }
  const isObject = schema.type === 'object' || (Array.isArray(schema.type) && schema.type.includes('object')) || 'properties' in schema;
  if (!isObject) return result;
  const properties = isJsonObject(result.properties) ? result.properties : null;
  const others = schema.additionalProperties;
  if (properties === null || (others !== undefined && others !== false && Object.keys(properties).length === 0)) return null;
  return { ...result, type: result.type ?? 'object', additionalProperties: false, required: Object.keys(properties) };
}

function tightenKeyword(key: string, value: JsonValue, depth: number): JsonValue | null {
  switch (key) {
    case 'properties':
    case '$defs':
    case 'definitions': {
      if (!isJsonObject(value)) return null;
      const entries = Object.entries(value).map(([name, inner]) => [name, tighten(inner, depth + 1)] as const);
      return entries.some(([, inner]) => inner === null) ? null : Object.fromEntries(entries);
    }
    case 'items':
      return tighten(value, depth + 1);
    case 'anyOf':
    case 'oneOf': {
      if (!Array.isArray(value)) return null;
      const options = value.map((option) => tighten(option, depth + 1));
      return options.includes(null) ? null : options;
    }
    default:
      return value;
  }
}
