import { SyngraphError } from '../../../pipeline/errors.ts';
import { isJsonObject, type JsonObject } from '../../../pipeline/json.ts';
import type { TransformationPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import type { TransformContext } from './transform-context.ts';

type UserTransformPlan = Extract<TransformationPlan, { kind: 'user' }>;

/** Rows as JSON text that one user transform may be given. */
export const MAX_TRANSFORM_BYTES = 256 * 1024 * 1024;

/** Rows that are handed on together, so that what follows streams. */
const ROWS_TOGETHER = 1000;

/**
 * Hands all rows to the task's function at once, as SyGra does: it may sort, drop, join or invent
 * rows, so calling it in pieces would quietly give another result. Hence this transformation alone
 * does not stream; above {@link MAX_TRANSFORM_BYTES} it is refused. Bad rows go before its answer.
 */
export async function* userTransform(
  batches: RecordBatches,
  plan: UserTransformPlan,
  context: TransformContext,
): AsyncGenerator<SourceRow[]> {
  const rows: JsonObject[] = [];
  let bytes = 0;
  for await (const batch of batches) {
    const bad: SourceRow[] = [];
    for (const entry of batch) {
      if (!entry.ok) {
        bad.push(entry);
        continue;
      }
      bytes += JSON.stringify(entry.row).length;
      if (bytes > MAX_TRANSFORM_BYTES) throw tooLarge(plan, { context, rows: rows.length });
      rows.push(entry.row);
    }
    if (bad.length > 0) yield bad;
  }
  const answer = checkedAnswer(await context.functions.transform(plan.function, rows, plan.params), { plan, context });
  for (let start = 0; start < answer.length; start += ROWS_TOGETHER) {
    yield answer.slice(start, start + ROWS_TOGETHER).map((row) => ({ ok: true, row }));
  }
}

function checkedAnswer(
  answer: unknown,
  { plan, context }: { plan: UserTransformPlan; context: TransformContext },
): JsonObject[] {
  const wrong = Array.isArray(answer) ? answer.findIndex((row) => !isJsonObject(row)) : 0;
  if (Array.isArray(answer) && wrong < 0) return answer as JsonObject[];
  throw new SyngraphError({
    code: 'FUNCTION_FAILED',
    message: Array.isArray(answer)
      ? `${context.name}: the transform ${plan.function} returned a list whose item ${wrong + 1} is not a record.`
      : `${context.name}: the transform ${plan.function} returned no list of records.`,
    nextStep: 'A transform takes the list of all records and returns a list of records (plain objects).',
  });
}

function tooLarge(
  plan: UserTransformPlan,
  { context, rows }: { context: TransformContext; rows: number },
): SyngraphError {
  return new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `${context.name}: the transform ${plan.function} takes all records at once, and they are more than ${MAX_TRANSFORM_BYTES / 1024 / 1024} MB; ${rows} were read so far.`,
    nextStep: 'Use filter or the built-in transformations, which stream, or prepare the file before the run.',
  });
}
