import { isJsonObject } from '../../pipeline/json.ts';
import type { ModelRequest } from './model-client.ts';

export type WantedValue = 'string' | 'number' | 'boolean' | 'list' | { oneOf: string[] };

const MAXIMUM_PROMPT = 20_000;
const MAXIMUM_KEYS = 50;

/**
 * Guesses which JSON object a request wants: from `response_format`, from an example object in a
 * prompt that speaks of JSON, or from keys named there in quotes. null: none.
 */
export function findWantedJson(request: ModelRequest): Record<string, WantedValue> | null {
  const schema = readSchema(request.parameters.response_format);
  if (schema !== null) return schema;
  const text = request.messages
    .map((message) => (typeof message.content === 'string' ? message.content : ''))
    .join('\n')
    .slice(-MAXIMUM_PROMPT);
  if (!/json/i.test(text)) return null;
  return readExample(text) ?? readNamedKeys(text);
}

function readSchema(format: unknown): Record<string, WantedValue> | null {
  if (!isJsonObject(format) || !isJsonObject(format.json_schema) || !isJsonObject(format.json_schema.schema))
    return null;
  const { properties } = format.json_schema.schema;
  if (!isJsonObject(properties)) return null;
  const wanted = Object.entries(properties).map(([key, property]): [string, WantedValue] => {
    if (!isJsonObject(property)) return [key, 'string'];
    if (Array.isArray(property.enum)) return [key, { oneOf: property.enum.map(String) }];
    if (property.type === 'number' || property.type === 'integer') return [key, 'number'];
    if (property.type === 'boolean') return [key, 'boolean'];
    return [key, property.type === 'array' ? 'list' : 'string'];
  });
  return Object.fromEntries(wanted);
}

/** Keys with the start of their values, in the last braces that hold any: earlier ones tend to be data. */
function readExample(text: string): Record<string, WantedValue> | null {
  const block = [...text.matchAll(/\{([^{}]{1,4000})\}/g)].findLast(([, inner]) =>
    /["'][\w -]+["']\s*:/.test(inner ?? ''),
  );
  if (block?.[1] === undefined) return null;
  const pairs = [...block[1].matchAll(/["']([\w -]{1,80})["']\s*:\s*("[^"]*"|'[^']*'|[^,\s]*)/g)].slice(
    0,
    MAXIMUM_KEYS,
  );
  return Object.fromEntries(pairs.map(([, key, value]) => [key ?? '', readExampleValue(value ?? '')]));
}

function readExampleValue(value: string): WantedValue {
  const text = value.replace(/^["'<]+|[>"']+$/g, '').trim();
  if (/^-?\d+(\.\d+)?$/.test(text) || /^(int|integer|float|number)\b/i.test(text)) return 'number';
  if (/^(true|false|bool(ean)?)\b/i.test(text)) return 'boolean';
  if (value.startsWith('[')) return 'list';
  const options = text.split(/\s*[|/]\s*/).filter((option) => /^[\w -]{1,30}$/.test(option));
  return options.length > 1 ? { oneOf: options } : 'string';
}

function readNamedKeys(text: string): Record<string, WantedValue> | null {
  const line = /\b(?:keys?|fields?|properties)\b[^\n]{0,300}/i.exec(text)?.[0];
  const keys = [...(line ?? '').matchAll(/["'`]([\w-]{1,80})["'`]/g)].map(([, key]) => key ?? '');
  return keys.length === 0
    ? null
    : Object.fromEntries(keys.slice(0, MAXIMUM_KEYS).map((key) => [key, 'string'] as const));
}
