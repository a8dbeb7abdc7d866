import { Validator } from '@cfworker/json-schema';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.ts';
import type { StructuredOutputPlan } from '../../plan.ts';
import { parseSchemaType, SCHEMA_TYPE_NAMES } from '../../schema-type.ts';
import type { StructuredOutputConfig } from '../../schema/structured-output.ts';
import type { YamlPath } from '../../yaml-source.ts';
import { type CompileContext, nearestHint } from '../compile-context.ts';
import { BUILT_IN_SCHEMAS, type FieldConfigs } from './built-in-schemas.ts';
import { jsonSchemaOfType } from './json-schema-of-type.ts';

/** SyGra's module of ready-made schemas. */
const SCHEMAS_FACTORY = 'sygra.core.models.structured_output.schemas_factory.';
const DEFAULT_REPAIRS = 2;

/** null where nothing is asked for, or where it has been reported as wrong. */
export function compileStructuredOutput(context: CompileContext, config: StructuredOutputConfig | null | undefined, path: YamlPath): StructuredOutputPlan | null {
  if (!config || config.enabled === false) return null;
  const compiled = compileWanted(context, config, path);
  if (compiled === null) return null;
  return {
    name: compiled.name,
    schema: compiled.schema,
    strategy: config.strategy ?? 'native',
    instruct: config.fallback_strategy !== 'post_process',
    repairs: config.retry_on_parse_error === false ? 0 : (config.max_parse_retries ?? DEFAULT_REPAIRS),
  };
}

/** Of several output keys each takes its field; one that is no field would be null in every record. */
export function checkOutputFields(context: CompileContext, plan: StructuredOutputPlan | null, { keys, path }: { keys: readonly string[]; path: YamlPath }): void {
  if (plan?.schema.kind !== 'json_schema' || keys.length < 2) return;
  const { properties, additionalProperties } = JSON.parse(plan.schema.schema) as JsonObject;
  if (!isJsonObject(properties) || (additionalProperties !== undefined && additionalProperties !== false)) return;
  const fields = Object.keys(properties);
  for (const [index, key] of keys.entries()) {
    if (fields.includes(key)) continue;
    context.report({
      code: 'UNKNOWN_VARIABLE',
      severity: 'warning',
      path: [...path, 'output_keys', index],
      message: `The structured output has no field "${key}", so this key will be null in every record`,
      hint: nearestHint(key, fields) ?? 'Add it to the schema, or remove it here.',
      allowed: fields,
    });
  }
}

type Wanted = Pick<StructuredOutputPlan, 'name' | 'schema'>;

function compileWanted(context: CompileContext, config: StructuredOutputConfig, path: YamlPath): Wanted | null {
  const { schema, json_schema: jsonSchema } = config;
  if (schema && jsonSchema) {
    context.report({ code: 'WRONG_VALUE', path: [...path, 'json_schema'], target: { part: 'key' }, message: 'structured_output has both "schema" and "json_schema"', hint: 'Keep one of the two.' });
  }
  if (typeof schema === 'string') return namedSchema(context, schema, [...path, 'schema']);
  if (schema) return { name: cleanName(schema.name ?? 'answer'), schema: fieldSchema(context, schema.fields, [...path, 'schema', 'fields']) };
  if (jsonSchema) return { name: cleanName(typeof jsonSchema['title'] === 'string' ? jsonSchema['title'] : 'answer'), schema: inlineSchema(context, jsonSchema, [...path, 'json_schema']) };
  // What could not be read has been reported, and cut out.
  if (context.parsed.damaged.file) return null;
  context.report({
    code: 'MISSING_KEY',
    path,
    target: { part: 'key' },
    message: 'structured_output has no schema',
    hint: 'Add schema with fields or with the name of a zod schema, or json_schema; or say enabled: false.',
    allowed: ['schema', 'json_schema'],
  });
  return null;
}

function namedSchema(context: CompileContext, text: string, path: YamlPath): Wanted | null {
  if (text.startsWith(SCHEMAS_FACTORY)) {
    const name = text.slice(SCHEMAS_FACTORY.length);
    const fields = Object.hasOwn(BUILT_IN_SCHEMAS, name) ? BUILT_IN_SCHEMAS[name] : undefined;
    if (fields !== undefined) return { name, schema: fieldSchema(context, fields, path) };
    const allowed = Object.keys(BUILT_IN_SCHEMAS);
    const hint = nearestHint(name, allowed) ?? 'Write its fields here, or a zod schema of your own.';
    context.report({ code: 'MISSING_EXPORT', path, message: `There is no built-in schema "${name}"`, hint, allowed });
    return null;
  }
  const reference = context.findReference(text, path, { kinds: ['schema', 'class'], method: 'parse' });
  return reference === null ? null : { name: cleanName(text.split(/[.#]/).at(-1) ?? 'answer'), schema: { kind: 'function', function: reference } };
}

/** A field with a default need not be in the answer; keys that are no fields are dropped, as pydantic does. */
function fieldSchema(context: CompileContext, fields: FieldConfigs, path: YamlPath): StructuredOutputPlan['schema'] {
  const properties: JsonObject = {};
  const defaults: JsonObject = {};
  for (const [name, { type, description, default: fallback }] of Object.entries(fields)) {
    const parsed = parseSchemaType(type);
    const schema = parsed.ok ? jsonSchemaOfType(parsed.type) : {};
    if (!parsed.ok) {
      const word = /^[A-Za-z_]+/.exec(type.slice(parsed.offset))?.[0] ?? '';
      context.report({ code: 'BAD_SCHEMA', path: [...path, name, 'type'], message: `"${type}" is not a type: ${parsed.message}`, hint: nearestHint(word, SCHEMA_TYPE_NAMES), allowed: SCHEMA_TYPE_NAMES });
    }
    if (fallback !== undefined) {
      defaults[name] = fallback;
      if (!new Validator(schema).validate(fallback).valid) {
        context.report({ code: 'BAD_SCHEMA', path: [...path, name, 'default'], message: `The default of "${name}" is not of its type ${type}`, hint: 'Mend one of the two.' });
      }
    }
    properties[name] = { ...schema, ...(description ? { description } : {}) };
  }
  const required = Object.keys(fields).filter((name) => !Object.hasOwn(defaults, name));
  return { kind: 'json_schema', schema: JSON.stringify({ type: 'object', properties, required, additionalProperties: false }), defaults };
}

function inlineSchema(context: CompileContext, schema: JsonObject, path: YamlPath): StructuredOutputPlan['schema'] {
  const report = (message: string, hint: string, at: YamlPath = path): void => context.report({ code: 'BAD_SCHEMA', path: at, message, hint });
  if (schema['type'] !== 'object') report('The schema of an answer describes an object', 'Write type: object, and what you want as one of its properties.', 'type' in schema ? [...path, 'type'] : path);
  for (const reference of references(schema)) {
    if (!resolves(schema, reference)) report(`"${reference}" refers to nothing in this schema`, 'References point into the schema itself, like #/$defs/name.');
  }
  for (const [name, property] of Object.entries(isJsonObject(schema['properties']) ? schema['properties'] : {})) {
    if (isJsonObject(property) || typeof property === 'boolean') continue;
    report(`The property "${name}" is no JSON schema`, 'Write it as a mapping such as {type: string}.', [...path, 'properties', name]);
  }
  return { kind: 'json_schema', schema: JSON.stringify(schema), defaults: null };
}

function references(value: JsonValue): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = isJsonObject(value) && typeof value['$ref'] === 'string' ? [value['$ref']] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

/** Nothing is fetched: a schema stands for itself. */
function resolves(schema: JsonObject, reference: string): boolean {
  if (!reference.startsWith('#')) return false;
  let found: JsonValue | undefined = schema;
  for (const step of reference.split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    found = typeof found === 'object' && found !== null && Object.hasOwn(found, key) ? (found as JsonObject)[key] : undefined;
  }
  return found !== undefined && (reference === '#' || reference.startsWith('#/'));
}

/** Providers take letters, digits, underscores and hyphens, 64 at most. */
function cleanName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 64) || 'answer';
}
