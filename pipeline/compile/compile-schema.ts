import type { OutputPlan, SchemaFieldPlan, SchemaPlan, SchemaRulePlan } from '../plan.ts';
import { parseSchemaType, SCHEMA_TYPE_NAMES } from '../schema-type.ts';
import type { SchemaFieldConfig } from '../schema/pipeline-schema.ts';
import type { YamlPath } from '../yaml-source.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';

const PATH = ['schema_config'];

/** What every row of the dataset must fulfil; null where the pipeline says nothing. */
export function compileSchema(context: CompileContext, output: OutputPlan): SchemaPlan | null {
  const config = context.parsed.config.schema_config;
  if (!config) return null;
  const { schema, fields } = config;
  if (schema && fields) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...PATH, 'fields'],
      target: { part: 'key' },
      message: 'schema_config has both "schema" and "fields"',
      hint: 'Keep one of the two.',
    });
  }
  if (schema) {
    const found = context.findExport(schema, [...PATH, 'schema'], { kinds: ['schema'] });
    return found && { kind: 'function', function: found.reference };
  }
  if (!fields) {
    const damaged = context.parsed.damaged.file;
    if (!damaged)
      context.report({
        code: 'MISSING_KEY',
        path: PATH,
        target: { part: 'key' },
        message: 'schema_config has neither "schema" nor "fields"',
        hint: 'Add one of the two, or remove schema_config.',
      });
    return null;
  }
  const names = fields.map((field) => field.name);
  return {
    kind: 'fields',
    fields: fields.map((field, index) => compileField(context, { field, index, names, output })),
  };
}

interface FieldParts {
  field: SchemaFieldConfig;
  index: number;
  names: string[];
  output: OutputPlan;
}

function compileField(context: CompileContext, { field, index, names, output }: FieldParts): SchemaFieldPlan {
  const path = [...PATH, 'fields', index];
  const report = (at: YamlPath, message: string, hint?: string): void =>
    context.report({ code: 'BAD_SCHEMA', path: at, message, hint });
  if (names.indexOf(field.name) !== index)
    report([...path, 'name'], `The field "${field.name}" stands here already`, 'Remove one of the two.');
  const made =
    output.customGenerate || output.fields === null ? null : output.fields.map((candidate) => candidate.field);
  if (made !== null && !made.includes(field.name) && field.optional !== true) {
    report(
      [...path, 'name'],
      `output_map makes no field "${field.name}", so every record would fail`,
      nearestHint(field.name, made) ?? 'Add it to output_map, or say optional: true.',
    );
  }
  const parsed = parseSchemaType(field.type);
  if (!parsed.ok) {
    const word = /^[A-Za-z_]+/.exec(field.type.slice(parsed.offset))?.[0] ?? '';
    context.report({
      code: 'BAD_SCHEMA',
      path: [...path, 'type'],
      message: `"${field.type}" is not a type: ${parsed.message}`,
      hint: nearestHint(word, SCHEMA_TYPE_NAMES),
      allowed: SCHEMA_TYPE_NAMES,
    });
  }
  if (field.min_length !== undefined && field.max_length !== undefined && field.min_length > field.max_length) {
    report([...path, 'max_length'], `max_length ${field.max_length} is less than min_length ${field.min_length}`);
  }
  if (field.regex !== undefined)
    checkRegex(field.regex, (message) =>
      report([...path, 'regex'], message, 'Use the syntax of JavaScript with the flag u.'),
    );
  return {
    name: field.name,
    type: parsed.ok ? parsed.type : { kind: 'any' },
    rules: rulesOf(field),
    optional: field.optional ?? false,
  };
}

function checkRegex(regex: string, report: (message: string) => void): void {
  try {
    new RegExp(regex, 'u');
  } catch (error) {
    report(`This is not a regular expression: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function rulesOf(field: SchemaFieldConfig): SchemaRulePlan[] {
  const rules: SchemaRulePlan[] = [];
  for (const rule of ['is_greater_than', 'is_less_than', 'min_length', 'max_length'] as const) {
    const value = field[rule];
    if (value !== undefined) rules.push({ rule, value });
  }
  if (field.is_equal_to !== undefined) rules.push({ rule: 'is_equal_to', value: field.is_equal_to });
  if (field.regex !== undefined) rules.push({ rule: 'regex', value: field.regex });
  if (field.enum !== undefined) rules.push({ rule: 'enum', value: field.enum });
  return rules;
}
