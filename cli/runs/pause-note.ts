import { runFolder } from '../../activities/run/run-files.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import type { PauseCause } from '../../pipeline/run-contract.ts';
import type { RunName } from './run-name.ts';

/**
 * `pause.json` in the run's folder: why the command that watched the run has left it paused. The
 * workflow knows it too, but the server that could be asked usually goes with the command.
 */
export async function writePauseNote(store: Store, run: RunName, cause: PauseCause): Promise<void> {
  try {
    await store.write(keyOf(run), `${JSON.stringify(cause)}\n`);
  } catch (error) {
    // Where that is the cause, it is told now; whoever asks later finds the store full himself.
    if (!(error instanceof SyngraphError && error.code === cause.code)) throw error;
  }
}

/** null where the run was not left paused, or has gone on since. */
export async function readPauseNote(store: Store, run: RunName): Promise<PauseCause | null> {
  return readJson<PauseCause>(store, keyOf(run));
}

/** The run goes on. */
export async function removePauseNote(store: Store, run: RunName): Promise<void> {
  await store.remove(keyOf(run));
}

function keyOf(run: RunName): string {
  return `${runFolder({ ...run })}/pause.json`;
}
