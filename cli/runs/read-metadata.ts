import { metadataKey } from '../../activities/run/metadata/write-metadata.ts';
import { runFolder } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import type { RunMetadata } from '../../pipeline/metrics/run-metadata.ts';
import type { RunName } from './run-name.ts';

/** What the run's last execution has written of it; null while none has ended. */
export async function readMetadata(store: Store, name: RunName): Promise<RunMetadata | null> {
  return readJson<RunMetadata>(store, metadataKey(runFolder({ ...name })));
}
