import type { JsonObject, JsonValue } from './json.ts';
import type { SchemaFieldPlan, SchemaRulePlan } from './schema-plan.ts';
import { canonicalJson } from './plan-hash.ts';
import { describeMisfit } from './schema-misfit.ts';
import { testExpression } from './test-expression.ts';

/** A field of an output row that breaks its schema. */
export interface Violation {
  field: string;
  /** `required`, `type`, or the name of the rule as the pipeline has it. */
  rule: 'required' | 'type' | SchemaRulePlan['rule'];
  /** Names the value, clipped. */
  message: string;
}

/**
 * All that a row breaks of its schema; empty for a valid one. Fields that the schema does not name
 * are allowed. Numbers are not converted from text, nor the other way round; a whole number is a
 * float too. A field whose type is wrong is not tested against its rules.
 */
export function validateRecord(row: JsonObject, fields: readonly SchemaFieldPlan[]): Violation[] {
  return fields.flatMap((field) => validateField(row, field));
}

function validateField(row: JsonObject, field: SchemaFieldPlan): Violation[] {
  const { name, type, rules, optional } = field;
  const value = Object.hasOwn(row, name) ? row[name] : undefined;
  if (optional && (value === undefined || value === null)) return [];
  if (value === undefined) return [{ field: name, rule: 'required', message: `${name} is missing` }];
  const misfit = describeMisfit(value, type, name);
  if (misfit !== null) return [{ field: name, rule: 'type', message: misfit }];
  return rules.flatMap((rule) => {
    const message = brokenRule(value, rule);
    return message === null ? [] : [{ field: name, rule: rule.rule, message: `${name} is ${clip(value)}, ${message}` }];
  });
}

/** What would have been right; null where the rule is kept. */
function brokenRule(value: JsonValue, rule: SchemaRulePlan): string | null {
  switch (rule.rule) {
    case 'is_greater_than':
      return typeof value === 'number' && value > rule.value ? null : `expected a number greater than ${rule.value}`;
    case 'is_less_than':
      return typeof value === 'number' && value < rule.value ? null : `expected a number less than ${rule.value}`;
    case 'is_equal_to':
      return canonicalJson(value) === canonicalJson(rule.value) ? null : `expected ${clip(rule.value)}`;
    case 'enum':
      return rule.value.some((option) => canonicalJson(option) === canonicalJson(value))
        ? null
        : `expected one of ${clip(rule.value)}`;
    case 'min_length': {
      const length = lengthOf(value);
      return length !== null && length >= rule.value
        ? null
        : `expected a length of at least ${rule.value}, got ${length ?? 'a value without length'}`;
    }
    case 'max_length': {
      const length = lengthOf(value);
      return length !== null && length <= rule.value
        ? null
        : `expected a length of at most ${rule.value}, got ${length ?? 'a value without length'}`;
    }
    case 'regex':
      return brokenRegex(value, rule.value);
  }
}

function brokenRegex(value: JsonValue, expression: string): string | null {
  if (typeof value !== 'string') return `expected a text that matches /${expression}/`;
  const outcome = testExpression(expression, value);
  if (outcome === 'timed out') return `which takes too long to compare with /${expression}/; simplify the expression`;
  return outcome === 'matches' ? null : `expected a text that matches /${expression}/`;
}

/** Characters of a text as people count them (code points), items of a list, keys of a mapping. */
function lengthOf(value: JsonValue): number | null {
  if (typeof value === 'string') return [...value].length;
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : null;
}

function clip(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
