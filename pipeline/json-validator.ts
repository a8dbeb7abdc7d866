import { Validator } from '@cfworker/json-schema';
import type { JsonObject, JsonValue } from './json.ts';

const FAULTS_SHOWN = 5;

/** The outer error of these only says that an inner one is there. */
const WRAPPERS = new Set(['properties', 'items', 'prefixItems', 'additionalProperties', 'allOf', '$ref']);

/** Checks values against a JSON schema (2020-12) without making code of it: what is wrong, in words, or null. */
export function jsonValidator(schema: JsonObject): (value: JsonValue) => string | null {
  const validator = new Validator(schema, '2020-12', false);
  return (value) => {
    const { valid, errors } = validator.validate(value);
    if (valid) return null;
    const causes = errors.filter((error) => !WRAPPERS.has(error.keyword));
    const shown = (causes.length > 0 ? causes : errors).slice(0, FAULTS_SHOWN);
    return shown.map(({ instanceLocation, error }) => `${placeName(instanceLocation)}${error.replace(/\.$/, '')}`).join('; ');
  };
}

/** `#/list/0/name` as `list.0.name: `; nothing for the value itself. */
function placeName(location: string): string {
  const path = location.replace(/^#\/?/, '').replaceAll('/', '.');
  return path === '' ? '' : `${decodeURIComponent(path)}: `;
}
