import type { JsonPrimitive, JsonValue } from './json.ts';
import type { WhereExpression } from './where-expression.ts';

/**
 * Whether a state meets a condition. A comparison with a path that leads nowhere is false, whatever
 * its operator. Numbers are compared with numbers, and with texts that are one, since models often
 * put a score into quotes; texts are ordered by their UTF-16 units. `exists` asks for a value other than null.
 */
export function matchesWhere(expression: WhereExpression, state: JsonValue): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.parts.every((part) => matchesWhere(part, state));
    case 'or':
      return expression.parts.some((part) => matchesWhere(part, state));
    case 'not':
      return !matchesWhere(expression.part, state);
    case 'exists':
      return (valueAtPath(state, expression.path) ?? null) !== null;
    case 'in': {
      const found = valueAtPath(state, expression.path);
      return found !== undefined && expression.values.some((value) => isEqual(found, value));
    }
    case 'compare': {
      const found = valueAtPath(state, expression.path);
      return found !== undefined && compares(found, expression.operator, expression.value);
    }
  }
}

/** undefined where the path leads nowhere. Own keys alone: `constructor` is none of a state's. */
export function valueAtPath(state: JsonValue, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = state;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    // The length of a list is an own key, and no value of the state.
    if (Array.isArray(value) && !/^\d+$/.test(step)) return undefined;
    value = (value as Record<string, JsonValue>)[step];
  }
  return value;
}

/** The keys of the state that a condition looks at. */
export function whereKeys(expression: WhereExpression): string[] {
  if ('part' in expression) return whereKeys(expression.part);
  if ('parts' in expression) return [...new Set(expression.parts.flatMap(whereKeys))];
  return expression.path.slice(0, 1);
}

function compares(found: JsonValue, operator: Extract<WhereExpression, { kind: 'compare' }>['operator'], value: JsonPrimitive): boolean {
  if (operator === '==') return isEqual(found, value);
  if (operator === '!=') return !isEqual(found, value);
  const left = typeof value === 'number' ? asNumber(found) : typeof found === 'string' ? found : null;
  if (left === null || (typeof value !== 'number' && typeof value !== 'string')) return false;
  if (operator === '<') return left < value;
  if (operator === '<=') return left <= value;
  return operator === '>' ? left > value : left >= value;
}

function isEqual(found: JsonValue, value: JsonPrimitive): boolean {
  return typeof value === 'number' ? asNumber(found) === value : found === value;
}

const NUMBER = /^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/;
/** Longer texts are no numbers that anybody compares. */
const MAX_NUMBER_CHARACTERS = 40;

function asNumber(value: JsonValue): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.length <= MAX_NUMBER_CHARACTERS && NUMBER.test(value) ? Number(value) : null;
}
