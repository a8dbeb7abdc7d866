import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import type { TransformationPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import { rowFault } from '../row-fault.ts';
import { skipRecords } from './skip-records.ts';
import type { TransformContext } from './transform-context.ts';

type CombineRecordsPlan = Extract<TransformationPlan, { kind: 'combine_records' }>;

/**
 * Joins each window of `combine` rows into one and moves on by `shift`. A column of `joinColumn` is
 * its template with `$1`, `$2` … replaced by the rows' values (lists and objects as JSON, null and
 * absent as nothing); every other column is the first row's.
 *
 * Windows are complete: rows at the end that fill none are left out, as in SyGra; the last
 * complete one is kept, which SyGra loses. A bad row belongs to no window and is passed on. Where
 * `combine` is below 2, `skip` and `shift` hold all the same.
 */
export async function* combineRecords(
  batches: RecordBatches,
  plan: CombineRecordsPlan,
  context: TransformContext,
): AsyncGenerator<SourceRow[]> {
  const size = Math.max(1, plan.combine);
  const shift = Math.max(1, plan.shift);
  const count = { fromStart: plan.skip.fromBeginning, fromEnd: plan.skip.fromEnd };
  let window: JsonObject[] = [];
  // Rows still to pass over where the step is longer than the window.
  let gap = 0;
  let produced = 0;
  for await (const batch of skipRecords(batches, { kind: 'skip_records', count })) {
    const combined: SourceRow[] = [];
    for (const entry of batch) {
      if (!entry.ok) {
        combined.push(entry);
        continue;
      }
      if (gap > 0) {
        gap -= 1;
        continue;
      }
      window.push(entry.row);
      if (window.length < size) continue;
      produced += 1;
      combined.push(joinWindow(window, { plan, context, number: produced }));
      gap = Math.max(0, shift - size);
      window = window.slice(shift);
    }
    if (combined.length > 0) yield combined;
  }
}

interface JoinOptions {
  plan: CombineRecordsPlan;
  context: TransformContext;
  /** Of the window, from 1. */
  number: number;
}

function joinWindow(window: JsonObject[], { plan, context, number }: JoinOptions): SourceRow {
  const joined: [string, JsonValue][] = [];
  for (const [column, template] of Object.entries(plan.joinColumn)) {
    const missing = window.findIndex((row, index) => uses(template, index) && !Object.hasOwn(row, column));
    if (missing >= 0) {
      return rowFault({
        policy: context.onBadRecord,
        location: `${context.name} window ${number}`,
        message: `combine_records joins the column '${column}', which row ${missing + 1} of the window does not have; its columns are ${Object.keys(window[missing] ?? {}).join(', ')}.`,
      });
    }
    joined.push([column, joinValue(window, { column, template })]);
  }
  return { ok: true, row: { ...window[0], ...Object.fromEntries(joined) } };
}

const PLACEHOLDER = /\$(\d+)/g;

function uses(template: string, index: number): boolean {
  return [...template.matchAll(PLACEHOLDER)].some(([, digits]) => Number(digits) === index + 1);
}

function joinValue(window: JsonObject[], { column, template }: { column: string; template: string }): JsonValue {
  // A template that is one placeholder takes the value as it is: numbers stay numbers, lists lists.
  const whole = /^\$(\d+)$/.exec(template);
  const source = whole === null ? undefined : window[Number(whole[1]) - 1];
  if (source !== undefined) return source[column] ?? null;
  // One pass, so that a `$2` inside a row's own text is not taken for a placeholder.
  return template.replace(PLACEHOLDER, (placeholder, digits: string) => {
    const row = window[Number(digits) - 1];
    return row === undefined ? placeholder : asText(row[column]);
  });
}

function asText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
