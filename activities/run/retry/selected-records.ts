import { SyngraphError } from '../../../pipeline/errors.ts';
import type { RetryRequest } from '../../../pipeline/run-contract.ts';
import type { Store } from '../../store/store.ts';
import type { FailedRecord } from '../failed-record.ts';
import { runFolder, type RunDescription } from '../run-files.ts';
import { readRanges } from '../run-parts.ts';
import { retriesOf } from './retries-of-run.ts';
import { failedLines, type RunLayer } from './run-with-retries.ts';

/**
 * The failed records of a run as its retries have left them, in input order. Streams.
 * @throws SyngraphError STORE_INVALID where the store has not kept what the run has written
 */
export async function* failedRecords(store: Store, run: { pipeline: string; run: string }, beforeRetry = Infinity): AsyncGenerator<FailedRecord> {
  const retries = await retriesOf(store, run, beforeRetry);
  const layers = await Promise.all(retries.map(({ reference }) => layerOf(store, reference)));
  const base = await layerOf(store, run);
  if (base.ranges.length === 0) {
    throw new SyngraphError({
      code: 'STORE_INVALID',
      message: `the store ${store.location} has the source and the results of ${run.pipeline}/${run.run} no more`,
      nextStep: 'Start a new run.',
    });
  }
  for await (const lines of failedLines(store, base, layers)) yield* lines.map((line) => JSON.parse(line) as FailedRecord);
}

/** Those of them that a retry is to try again. */
export async function* selectedRecords(
  store: Store,
  { pipeline, request, number }: { pipeline: string; request: Pick<RetryRequest, 'run' | 'node' | 'error' | 'ids'>; number: number },
): AsyncGenerator<FailedRecord> {
  const ids = request.ids === undefined ? null : new Set(request.ids);
  for await (const record of failedRecords(store, { pipeline, run: request.run }, number)) {
    if (request.node !== undefined && record.node !== request.node) continue;
    if (request.error !== undefined && record.code !== request.error) continue;
    if (ids !== null && !ids.has(record.id)) continue;
    yield record;
  }
}

async function layerOf(store: Store, run: Pick<RunDescription['reference'], 'pipeline' | 'run'>): Promise<RunLayer> {
  const folder = runFolder(run);
  return { folder, ranges: await readRanges(store, folder) };
}
