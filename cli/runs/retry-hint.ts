import { loadPlan } from '../../activities/planning/load-plan.ts';
import type { RunDescription } from '../../activities/run/run-files.ts';
import { againCommand, whyNotAlone } from '../../activities/run/retry/stands-alone.ts';
import type { Store } from '../../activities/store/store.ts';
import { SyngraphError } from '../../pipeline/errors.ts';

/** How failed records of a run are tried again. */
export async function retryHint(store: Store, original: RunDescription): Promise<string> {
  return (await standAlone(store, original)) ? `syngraph retry ${original.reference.run} (--plan TASK takes a mended pipeline)` : `${againCommand(original)} (answers are reused; only what failed is asked again)`;
}

async function standAlone(store: Store, { reference }: RunDescription): Promise<boolean> {
  try {
    return whyNotAlone(await loadPlan(store, reference.planHash)) === null;
  } catch (error) {
    // Plans are cleaned up, too: a retry says so.
    if (error instanceof SyngraphError && error.code === 'STORE_INVALID') return true;
    throw error;
  }
}
