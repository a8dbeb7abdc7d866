import { isJsonObject, type JsonObject, type JsonValue } from '../../../../pipeline/json.ts';
import { jsonValidator } from '../../../../pipeline/json-validator.ts';
import type { StructuredOutputPlan } from '../../../../pipeline/plan.ts';
import { callTask } from '../../call-task.ts';
import type { NodeWork } from '../../node-work.ts';

export interface CheckedValue {
  ok: true;
  value: JsonObject;
}

/** Whether a value is what the structured output asks for. Nothing is converted: "7" is no number. */
export type StructureChecker = (value: JsonValue) => Promise<CheckedValue | { ok: false; code: string; message: string }>;

export function checkerOf(work: NodeWork, schema: StructuredOutputPlan['schema']): StructureChecker {
  if (schema.kind === 'json_schema') return jsonSchemaChecker(JSON.parse(schema.schema) as JsonObject, schema.defaults);
  return async (value) => {
    if (!isJsonObject(value)) return invalid(`The answer must be a JSON object, not ${describe(value)}`);
    const [outcome] = await callTask(work, schema.function, [[value]], 'parse');
    if (outcome === undefined) return invalid(`${schema.function} gave no answer`);
    if (!outcome.ok) return outcome.code === 'FUNCTION_FAILED' ? invalid(`The answer does not fit: ${outcome.message}`) : outcome;
    return isJsonObject(outcome.value) ? { ok: true, value: outcome.value } : { ok: false, code: 'FUNCTION_FAILED', message: `${schema.function} must make an object of the answer` };
  };
}

function jsonSchemaChecker(schema: JsonObject, defaults: JsonObject | null): StructureChecker {
  const faultsOf = jsonValidator(schema);
  return async (given) => {
    if (!isJsonObject(given)) return invalid(`The answer must be a JSON object, not ${describe(given)}`);
    const value = defaults === null ? given : fitFields(given, { schema, defaults });
    const faults = faultsOf(value);
    return faults === null ? { ok: true, value } : invalid(`The answer does not fit: ${faults}`);
  };
}

/** The fields alone, in their order, those that are missing at their defaults. */
function fitFields(given: JsonObject, { schema, defaults }: { schema: JsonObject; defaults: JsonObject }): JsonObject {
  const fields = isJsonObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const value: JsonObject = {};
  for (const field of fields) {
    const source = Object.hasOwn(given, field) ? given : defaults;
    const found = Object.hasOwn(source, field) ? source[field] : undefined;
    if (found !== undefined) value[field] = found;
  }
  return value;
}

function invalid(message: string): { ok: false; code: string; message: string } {
  return { ok: false, code: 'ANSWER_INVALID', message };
}

function describe(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
