import { SyngraphError } from '../../../pipeline/errors.ts';
import { retryOfRunId } from '../../../pipeline/retry-contract.ts';
import { readRecords, type SourceRecord } from '../../nodes/batch-data.ts';
import type { Store } from '../../store/store.ts';
import type { RunDescription } from '../run-files.ts';
import { runFolder } from '../run-files.ts';
import { readRanges, type RangeOfRun } from '../run-parts.ts';
import type { StagedLine } from '../staged-range.ts';
import { entryOf } from './retry-entry.ts';
import { selectedRecords } from './selected-records.ts';

/**
 * The records of a retry, in input order, with the ids and ordinals that they have in their run: so
 * samplers draw the same for them, and answers that were paid for are found.
 */
export async function* stagedRetry(store: Store, description: RunDescription): AsyncGenerator<StagedLine> {
  const { retry, reference } = description;
  if (retry === undefined) throw new RangeError('the run is no retry');
  const { pipeline } = reference;
  const number = retryOfRunId(reference.run)?.number ?? 1;
  const original = await openSourceRows(store, { pipeline, run: retry.run });
  for await (const failed of selectedRecords(store, { pipeline, request: retry, number })) {
    const source = await original(failed.ordinal);
    const { id, row, unreadable, ordinal } = source;
    if (retry.from === 'start') yield [id, row, unreadable, ordinal];
    else yield [id, failed.state, unreadable, ordinal, entryOf(failed.node)];
  }
}

/** Rows of a run's staged source by ordinal; asked in ascending order, each batch is read once. */
export async function openSourceRows(store: Store, run: { pipeline: string; run: string }): Promise<(ordinal: number) => Promise<SourceRecord>> {
  const folder = runFolder(run);
  const ranges = await readRanges(store, folder);
  let current: { range: number; batch: number; records: SourceRecord[] } | null = null;
  return async (ordinal) => {
    const range = ranges.findIndex(({ index }) => ordinal >= index.firstOrdinal && ordinal < index.firstOrdinal + index.records);
    const batch = batchOf(ranges[range], ordinal);
    if (current?.range !== range || current.batch !== batch) {
      current = { range, batch, records: range === -1 ? [] : (await readRecords(store, { folder, range, batch })).records };
    }
    const record = current.records.find((candidate) => candidate.ordinal === ordinal);
    if (record !== undefined) return record;
    throw new SyngraphError({ code: 'STORE_INVALID', message: `the store ${store.location} lacks record ${ordinal} of the source of ${run.pipeline}/${run.run}` });
  };
}

function batchOf(range: RangeOfRun | undefined, ordinal: number): number {
  return range === undefined ? -1 : Math.floor((ordinal - range.index.firstOrdinal) / range.index.batchSize);
}
