import type { JsonValue } from './json.ts';
import type { SchemaType } from './schema-plan.ts';
import { canonicalJson } from './plan-hash.ts';
import { formatSchemaType } from './schema-type.ts';

/**
 * Where a value departs from a type, in words; null where it fits.
 * @param path names the value, e.g. `tags[2]`
 */
export function describeMisfit(value: JsonValue, type: SchemaType, path: string): string | null {
  const expected = (): string => `${path} is ${typeName(value)}, expected ${formatSchemaType(type)}`;
  switch (type.kind) {
    case 'any':
      return null;
    case 'str':
      return typeof value === 'string' ? null : expected();
    case 'int':
      return Number.isInteger(value) ? null : expected();
    case 'float':
      return typeof value === 'number' ? null : expected();
    case 'bool':
      return typeof value === 'boolean' ? null : expected();
    case 'none':
      return value === null ? null : expected();
    case 'list':
      return Array.isArray(value)
        ? firstMisfit(value.map((item, index) => () => describeMisfit(item, type.item, `${path}[${index}]`)))
        : expected();
    case 'set':
      return setMisfit(value, type.item, path) ?? null;
    case 'tuple': {
      if (!Array.isArray(value) || value.length !== type.items.length) return expected();
      return firstMisfit(
        type.items.map((item, index) => () => describeMisfit(value[index]!, item, `${path}[${index}]`)),
      );
    }
    case 'dict': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return expected();
      return firstMisfit(
        Object.entries(value).flatMap(([key, item]) => [
          () => keyMisfit(key, type.key, path),
          () => describeMisfit(item, type.value, `${path}.${key}`),
        ]),
      );
    }
    case 'union':
      return type.options.some((option) => describeMisfit(value, option, path) === null) ? null : expected();
  }
}

function setMisfit(value: JsonValue, item: SchemaType, path: string): string | null {
  if (!Array.isArray(value))
    return `${path} is ${typeName(value)}, expected ${formatSchemaType({ kind: 'set', item })}`;
  const seen = new Set(value.map(canonicalJson));
  if (seen.size !== value.length) return `${path} holds a value twice, expected a set`;
  return describeMisfit(value, { kind: 'list', item }, path);
}

/** Keys of JSON are texts: a key of type int is a text that reads as one. */
function keyMisfit(key: string, type: SchemaType, path: string): string | null {
  const number = key.trim() === '' ? NaN : Number(key);
  const readings: JsonValue[] = [
    key,
    ...(Number.isFinite(number) ? [number] : []),
    ...(key === 'true' || key === 'false' ? [key === 'true'] : []),
  ];
  const fits = readings.some((reading) => describeMisfit(reading, type, path) === null);
  return fits
    ? null
    : `${path} has the key ${JSON.stringify(key.slice(0, 60))}, expected keys of type ${formatSchemaType(type)}`;
}

/** Lists may be long: the rest is not looked at once a fault is found. */
function firstMisfit(checks: (() => string | null)[]): string | null {
  for (const check of checks) {
    const misfit = check();
    if (misfit !== null) return misfit;
  }
  return null;
}

function typeName(value: JsonValue): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a dict';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an int' : 'a float';
  return typeof value === 'string' ? 'a str' : 'a bool';
}
