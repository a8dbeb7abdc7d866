import { runFolder } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import type { RunSummary } from '../../workflows/interface.ts';
import type { RunName } from './run-name.ts';

/** How the run's last execution ended; null while none has. */
export async function readSummary(store: Store, name: RunName): Promise<RunSummary | null> {
  return readJson<RunSummary>(store, `${runFolder({ ...name })}/summary.json`);
}
