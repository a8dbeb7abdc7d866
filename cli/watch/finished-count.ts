import { loadPlan } from '../../activities/planning/load-plan.ts';
import { runFolder, type LiveCounters, type RunDescription } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { RunProgress } from '../../pipeline/run-contract.ts';
import { readWorkers, sumLive } from '../runs/read-live.ts';
import type { RunName } from '../runs/run-name.ts';
import { recordsInParts, recordsThroughGraph } from './finished-records.ts';

/** By file, as `readWorkers` has them. */
type Workers = ReadonlyMap<string, LiveCounters>;

/** Records of a run that have come to their end; 0 where only closed batches could tell. At most the records staged. */
export type CountFinished = (workers: Workers, progress: RunProgress | null) => Promise<number>;

/**
 * Counts from here on: what workers of earlier executions have counted in batches that they left
 * open is done again, so only whole batches are taken over from before.
 */
export async function openFinishedCount(store: Store, run: RunName): Promise<CountFinished> {
  const folder = runFolder({ ...run });
  // In this order: a batch that closes in between is missed, which is better than counted twice.
  const inParts = await recordsInParts(store, folder);
  const before = await readWorkers(store, run);
  let plan: Plan | null = null;
  return async (workers, progress) => {
    plan ??= await planOf(store, folder);
    if (plan === null) return 0;
    const active = [...workers].filter(([file, { updatedAt }]) => before.get(file)?.updatedAt !== updatedAt);
    const now = through(plan, active.map(([, counters]) => counters));
    const then = through(plan, active.flatMap(([file]) => before.get(file) ?? []));
    return now === null || then === null ? 0 : Math.min(progress?.staged ?? 0, inParts + Math.max(0, now - then));
  };
}

function through(plan: Plan, workers: LiveCounters[]): number | null {
  return recordsThroughGraph(plan, sumLive(workers, Date.now()));
}

/** null until the run is prepared. */
async function planOf(store: Store, folder: string): Promise<Plan | null> {
  const description = await readJson<RunDescription>(store, `${folder}/run.json`);
  return description === null ? null : loadPlan(store, description.reference.planHash);
}
