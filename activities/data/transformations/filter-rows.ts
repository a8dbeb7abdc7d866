import { SyngraphError } from '../../../pipeline/errors.ts';
import type { TransformationPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import { rowFault } from '../row-fault.ts';
import type { TransformContext } from './transform-context.ts';

type FilterPlan = Extract<TransformationPlan, { kind: 'filter' }>;

/** Rows whose filter calls are under way at once. */
const CALLS_TOGETHER = 256;

/** Keeps the rows for which the task's function answers true. Bad rows are passed on unasked. */
export async function* filterRows(
  batches: RecordBatches,
  plan: FilterPlan,
  context: TransformContext,
): AsyncGenerator<SourceRow[]> {
  let row = 0;
  for await (const batch of batches) {
    for (let start = 0; start < batch.length; start += CALLS_TOGETHER) {
      context.signal.throwIfAborted();
      const part = batch.slice(start, start + CALLS_TOGETHER);
      const first = row + 1;
      row += part.length;
      const judged = await Promise.all(part.map((entry, index) => judge(entry, { plan, context, row: first + index })));
      const kept = judged.filter((entry) => entry !== null);
      if (kept.length > 0) yield kept;
    }
  }
}

interface JudgeOptions {
  plan: FilterPlan;
  context: TransformContext;
  row: number;
}

async function judge(entry: SourceRow, { plan, context, row }: JudgeOptions): Promise<SourceRow | null> {
  if (!entry.ok) return entry;
  try {
    const stays: unknown = await context.functions.filter(plan.function, entry.row, plan.params);
    if (stays === true) return entry;
    if (stays === false) return null;
    throw new SyngraphError({
      code: 'FUNCTION_FAILED',
      message: `it answered ${JSON.stringify(stays) ?? 'undefined'}; a filter answers true or false`,
    });
  } catch (cause) {
    if (context.signal.aborted) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    const location = `${context.name} row ${row}`;
    return rowFault({
      policy: context.onBadRecord,
      location,
      message: `the filter ${plan.function} failed: ${said}`,
      cause,
    });
  }
}
