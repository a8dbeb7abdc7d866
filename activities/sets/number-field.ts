import type { JsonObject } from '../../pipeline/json.ts';
import { fieldValue } from './field-value.ts';
import type { SetDecision } from './set-decision.ts';

/** NaN where the record has no number there; texts such as "4.5" are numbers, since models answer so. */
export function numberField(state: JsonObject, field: string): number {
  const value = fieldValue(state, field);
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

export function lacksNumber(node: string, field: string): SetDecision {
  return { kind: 'failed', code: 'FIELD_INVALID', message: `${node} needs a number in "${field}", and the record has none there` };
}
