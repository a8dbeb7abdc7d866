import type { TransformationPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import { addNewField } from './add-new-field.ts';
import { combineRecords } from './combine-records.ts';
import { filterRows } from './filter-rows.ts';
import { renameFields } from './rename-fields.ts';
import { selectFields } from './select-fields.ts';
import { skipRecords } from './skip-records.ts';
import type { TransformContext } from './transform-context.ts';
import { userTransform } from './user-transform.ts';

/** Applies the transformations in their order; each takes the rows of the one before. */
export function applyTransformations(
  batches: RecordBatches,
  plans: TransformationPlan[],
  context: TransformContext,
): RecordBatches {
  return plans.reduce((rows, plan) => applyOne(rows, plan, context), batches);
}

// Formats bring zod along, which takes longer to load than a small run takes.
async function* gatherConversations(rows: RecordBatches, context: TransformContext): AsyncGenerator<SourceRow[]> {
  const gather = await import('./gather-conversations.ts');
  yield* gather.gatherConversations(rows, context);
}

function applyOne(batches: RecordBatches, plan: TransformationPlan, context: TransformContext): RecordBatches {
  switch (plan.kind) {
    case 'rename_fields':
      return renameFields(batches, plan, context);
    case 'add_new_field':
      return addNewField(batches, plan);
    case 'select_fields':
      return selectFields(batches, plan);
    case 'skip_records':
      return skipRecords(batches, plan);
    case 'combine_records':
      return combineRecords(batches, plan, context);
    case 'gather_conversations':
      return gatherConversations(batches, context);
    case 'filter':
      return filterRows(batches, plan, context);
    case 'user':
      return userTransform(batches, plan, context);
  }
}
