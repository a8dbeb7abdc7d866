import type { JsonObject } from '../../../pipeline/json.ts';
import type { TransformationPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import { rowFault } from '../row-fault.ts';
import { mapRows } from './map-rows.ts';
import type { TransformContext } from './transform-context.ts';

type RenameFieldsPlan = Extract<TransformationPlan, { kind: 'rename_fields' }>;

/**
 * Renames columns in the order of the mapping, each at the place where it stood; columns that a row
 * lacks are passed over. With `overwrite` the renamed column replaces one that has its new name;
 * without it such a row is a bad row (SyGra leaves it unrenamed without a word).
 */
export function renameFields(batches: RecordBatches, plan: RenameFieldsPlan, context: TransformContext): RecordBatches {
  const mapping = Object.entries(plan.mapping);
  return mapRows(batches, (values, row) => {
    let renamed = values;
    for (const [from, to] of mapping) {
      if (from === to || !Object.hasOwn(renamed, from)) continue;
      if (!plan.overwrite && Object.hasOwn(renamed, to)) {
        return rowFault({
          policy: context.onBadRecord,
          location: `${context.name} row ${row}`,
          message: `rename_fields cannot rename '${from}' to '${to}': the row has a column '${to}' already. Set \`overwrite: true\` to replace it.`,
        });
      }
      renamed = renameKey(renamed, { from, to });
    }
    return { ok: true, row: renamed };
  });
}

function renameKey(values: JsonObject, { from, to }: { from: string; to: string }): JsonObject {
  const entries = Object.entries(values).filter(([key]) => key !== to);
  return Object.fromEntries(entries.map(([key, value]) => [key === from ? to : key, value]));
}
