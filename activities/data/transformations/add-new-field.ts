import type { TransformationPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import { mapRows } from './map-rows.ts';

type AddNewFieldPlan = Extract<TransformationPlan, { kind: 'add_new_field' }>;

/** Sets columns to fixed values in every row, over what the row had under these names. */
export function addNewField(batches: RecordBatches, plan: AddNewFieldPlan): RecordBatches {
  // Spreading defines keys and never calls setters, so a `__proto__` column stays a column.
  return mapRows(batches, (values) => ({ ok: true, row: { ...values, ...plan.mapping } }));
}
