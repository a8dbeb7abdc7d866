import { SyngraphError } from '../../../pipeline/errors.ts';
import type { RunReference, RunSummary } from '../../../pipeline/run-contract.ts';
import { readJson } from '../../store/read-json.ts';
import type { Store } from '../../store/store.ts';
import { runFolder } from '../run-files.ts';
import { retriesOf } from './retries-of-run.ts';

/**
 * The output of a run is written anew from its parts and those of all its retries: without one of
 * them, the records that it has mended would be lost.
 * @throws SyngraphError STORE_INVALID
 */
export async function assertRetriesKept(store: Store, run: Pick<RunReference, 'pipeline' | 'run'>): Promise<void> {
  const summary = await readJson<RunSummary>(store, `${runFolder(run)}/summary.json`);
  const ended = summary?.retries ?? [];
  if (ended.length === 0) return;
  const kept = new Set((await retriesOf(store, run)).map(({ reference }) => reference.run));
  const gone = ended.find((retry) => !kept.has(retry.run));
  if (gone !== undefined) throw retryGone(store, { ...run, run: gone.run });
}

export function retryGone(store: Store, { pipeline, run }: Pick<RunReference, 'pipeline' | 'run'>): SyngraphError {
  const advice = 'bring that folder back from a copy of the store, or start a new run of the pipeline: it reuses the answers that are left';
  return new SyngraphError({
    code: 'STORE_INVALID',
    message: `the retry ${pipeline}/${run} has ended, but runs/${pipeline}/${run} is gone from ${store.location}: without it, the records that it has mended would be lost from the output; ${advice}`,
  });
}
