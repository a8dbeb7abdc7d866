import { runFolder } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import type { RunStatus, RunSummary } from '../../pipeline/run-contract.ts';
import type { RunName } from './run-name.ts';

/** How the run's last execution ended; null while none has. */
export async function readSummary(store: Store, name: RunName): Promise<RunSummary | null> {
  return readJson<RunSummary>(store, `${runFolder({ ...name })}/summary.json`);
}

/** A run that left records unfinished was cancelled, however calmly its ranges took it. */
export function endStatus({ status, counts }: Pick<RunSummary, 'status' | 'counts'>): RunStatus {
  return counts.cancelled > 0 && status !== 'failed' && status !== 'capped' ? 'cancelled' : status;
}
