import { SyngraphError } from '../../../pipeline/errors.ts';
import { retryOfRunId, retryRunId } from '../../../pipeline/retry-contract.ts';
import type { RunReference } from '../../../pipeline/run-reference.ts';
import { readJson } from '../../store/read-json.ts';
import type { Store } from '../../store/store.ts';
import { runFolder, type RunDescription } from '../run-files.ts';

/** The retries of a run that have been prepared, in their order; of those after `before` nothing is said. */
export async function retriesOf(store: Store, run: Pick<RunReference, 'pipeline' | 'run'>, before = Infinity): Promise<RunDescription[]> {
  const folder = `runs/${run.pipeline}`;
  const numbers = (await store.list(folder))
    .filter((key) => key.endsWith('/'))
    .map((key) => retryOfRunId(key.slice(folder.length + 1, -1)))
    .flatMap((retry) => (retry?.run === run.run && retry.number < before ? [retry.number] : []))
    .sort((left, right) => left - right);
  const descriptions = await Promise.all(
    numbers.map((number) => readJson<RunDescription>(store, `${runFolder({ pipeline: run.pipeline, run: retryRunId(run.run, number) })}/run.json`)),
  );
  return descriptions.filter((description) => description?.retry?.run === run.run) as RunDescription[];
}

/** @throws SyngraphError RUN_NOT_FOUND */
export async function referenceOf(store: Store, run: Pick<RunReference, 'pipeline' | 'run'>): Promise<RunReference> {
  const description = await readJson<RunDescription>(store, `${runFolder(run)}/run.json`);
  if (description !== null) return description.reference;
  throw new SyngraphError({
    code: 'RUN_NOT_FOUND',
    message: `the store ${store.location} has no run ${run.pipeline}/${run.run}`,
    nextStep: 'syngraph list shows the runs of a store; --store names another one.',
  });
}
