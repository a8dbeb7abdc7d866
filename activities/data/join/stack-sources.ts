import type { JoinedPartPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import { mapRows } from '../transformations/map-rows.ts';

/** Rows whose columns stand for those of a source that is streamed, which may be too large to read twice. */
const STREAMED_ROWS = 1000;

/**
 * Rows of one source after the other, with the columns that all of them have and no prefix. Each
 * source is read twice, first for its columns; of one with `streaming` the first rows are looked at.
 */
export async function* stackSources(options: {
  parts: readonly JoinedPartPlan[];
  open: (index: number) => RecordBatches;
}): AsyncGenerator<SourceRow[]> {
  const { parts, open } = options;
  let common: string[] | null = null;
  for (const [index, { source }] of parts.entries()) {
    const streaming = source.type === 'hf' && source.streaming;
    const columns = await columnsOf(open(index), streaming ? STREAMED_ROWS : Infinity);
    // A source without rows has no columns to compare.
    if (columns !== null) common = common === null ? [...columns] : common.filter((column) => columns.has(column));
  }
  const columns = common ?? [];
  for (const index of parts.keys()) {
    yield* mapRows(open(index), (row) => ({
      ok: true,
      row: Object.fromEntries(columns.map((column) => [column, Object.hasOwn(row, column) ? row[column]! : null])),
    }));
  }
}

async function columnsOf(batches: RecordBatches, mostRows: number): Promise<Set<string> | null> {
  const columns = new Set<string>();
  let rows = 0;
  for await (const batch of batches) {
    for (const entry of batch) {
      if (!entry.ok) continue;
      rows += 1;
      for (const column of Object.keys(entry.row)) columns.add(column);
    }
    if (rows >= mostRows) break;
  }
  return rows === 0 ? null : columns;
}
