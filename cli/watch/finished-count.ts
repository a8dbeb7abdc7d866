import { loadPlan } from '../../activities/planning/load-plan.ts';
import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { RunProgress } from '../../pipeline/run-contract.ts';
import { readLive, type LiveTotals } from '../runs/read-live.ts';
import type { RunName } from '../runs/run-name.ts';
import { recordsInParts, recordsThroughGraph } from './finished-records.ts';

/** Records of a run that have come to their end; 0 where only closed batches could tell. At most the records staged. */
export type CountFinished = (live: LiveTotals, progress: RunProgress | null) => Promise<number>;

/**
 * Counts from here on: what workers of earlier executions have counted in batches that they left
 * open is done again, so only whole batches are taken over from before.
 */
export async function openFinishedCount(store: Store, run: RunName): Promise<CountFinished> {
  const folder = runFolder({ ...run });
  // In this order: a batch that closes in between is missed, which is better than counted twice.
  const before = await recordsInParts(store, folder);
  const liveBefore = await readLive(store, run, Date.now());
  let plan: Plan | null = null;
  return async (live, progress) => {
    plan ??= await planOf(store, folder);
    if (plan === null) return 0;
    const through = recordsThroughGraph(plan, live);
    const throughBefore = recordsThroughGraph(plan, liveBefore);
    if (through === null || throughBefore === null) return 0;
    return Math.min(progress?.staged ?? 0, before + Math.max(0, through - throughBefore));
  };
}

/** null until the run is prepared. */
async function planOf(store: Store, folder: string): Promise<Plan | null> {
  const description = await readJson<RunDescription>(store, `${folder}/run.json`);
  return description === null ? null : loadPlan(store, description.reference.planHash);
}
