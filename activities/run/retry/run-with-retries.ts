import { addCounts, emptyCounts, type RecordCounts } from '../../../pipeline/run-statistics.ts';
import type { PartFooter } from '../range-files.ts';
import { isPartialPart, partKey } from '../range-files.ts';
import { readRecords } from '../../nodes/batch-data.ts';
import type { Store } from '../../store/store.ts';
import { isFailedRecord, isRow, partLines, partsOf, readPartLines, type LineBlocks, type RangeOfRun } from '../run-parts.ts';
import { layOver, textsOf, type PlacedLine } from './placed-lines.ts';

/** A run or one of its retries, as its folder in the store has it. */
export interface RunLayer {
  folder: string;
  ranges: RangeOfRun[];
}

/** Rows of a run in input order, those of its retries in their places. */
export function rowLines(store: Store, run: RunLayer, retries: readonly RunLayer[]): LineBlocks {
  if (retries.length === 0) return partLines(store, partsOf(run.folder, run.ranges), 'rows');
  const base = placedLines(store, partsOf(run.folder, run.ranges), 'rows');
  return textsOf(retries.reduce<AsyncIterable<PlacedLine>>((under, retry) => layOver(under, placedLines(store, wholeParts(retry).map(({ key }) => key), 'rows')), base));
}

/** Lines of the records that still fail, in input order: of each the latest that is known. */
export function failedLines(store: Store, run: RunLayer, retries: readonly RunLayer[]): LineBlocks {
  if (retries.length === 0) return partLines(store, partsOf(run.folder, run.ranges), 'failed');
  const base = placedLines(store, partsOf(run.folder, run.ranges), 'failed');
  return textsOf(retries.reduce<AsyncIterable<PlacedLine>>((under, retry) => layOver(under, triedAgain(store, retry)), base));
}

/** What the finished batches of a retry change in the counts of its run. */
export async function countsOfRetry(store: Store, retry: RunLayer): Promise<RecordCounts> {
  let sum = emptyCounts();
  for (const { key } of wholeParts(retry)) {
    const { counts } = (JSON.parse((await readPartLines(store, key)).at(-2) ?? '') as PartFooter).footer;
    // Each of its records has failed before.
    sum = addCounts(sum, { ...counts, failed: -counts.written - counts.filtered });
  }
  return sum;
}

/** Parts of batches that a cancellation has left unfinished change nothing: their records stay as they were. */
function wholeParts({ folder, ranges }: RunLayer): { range: number; batch: number; key: string }[] {
  return ranges.flatMap(({ manifest }, range) =>
    (manifest?.batches ?? []).filter(({ part }) => !isPartialPart(part)).map(({ batch, part }) => ({ range, batch, key: partKey(folder, range, part) })),
  );
}

async function* placedLines(store: Store, parts: readonly string[], kind: 'rows' | 'failed'): AsyncGenerator<PlacedLine> {
  for (const part of parts) {
    for (const line of await readPartLines(store, part)) {
      if (kind === 'rows' && isRow(line)) {
        const comma = line.indexOf(',');
        yield { ordinal: Number(line.slice(1, comma)), text: line.slice(comma + 1, -1) };
      } else if (kind === 'failed' && isFailedRecord(line)) yield { ordinal: ordinalOf(line), text: line };
    }
  }
}

/** Every record of the retry: with its line where it has failed again, without one where it has not. */
async function* triedAgain(store: Store, retry: RunLayer): AsyncGenerator<PlacedLine> {
  for (const { range, batch, key } of wholeParts(retry)) {
    const failed = new Map((await readPartLines(store, key)).filter(isFailedRecord).map((line) => [ordinalOf(line), line]));
    for (const { ordinal } of await recordsOf(store, retry.folder, { range, batch })) yield { ordinal, text: failed.get(ordinal) ?? null };
  }
}

async function recordsOf(store: Store, folder: string, place: { range: number; batch: number }): Promise<{ ordinal: number }[]> {
  return (await readRecords(store, { folder, ...place })).records;
}

function ordinalOf(failedLine: string): number {
  return (JSON.parse(failedLine) as { ordinal: number }).ordinal;
}
