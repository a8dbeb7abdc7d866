import type { TransformationPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import { mapRows } from './map-rows.ts';

type SelectFieldsPlan = Extract<TransformationPlan, { kind: 'select_fields' }>;

/** Keeps the named columns, in the order of the list; a row that lacks one stays without it. */
export function selectFields(batches: RecordBatches, { fields }: SelectFieldsPlan): RecordBatches {
  return mapRows(batches, (values) => ({
    ok: true,
    row: Object.fromEntries(
      fields.filter((field) => Object.hasOwn(values, field)).map((field) => [field, values[field]!]),
    ),
  }));
}
