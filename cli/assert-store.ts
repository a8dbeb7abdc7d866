import { access, constants } from 'node:fs/promises';
import { makeFolder } from '../activities/store/make-folder.ts';
import { storeError } from '../activities/store/store-error.ts';

/** Commands that leave no trace where there is no store yet. */
const READERS: ReadonlySet<string> = new Set(['init', 'list', 'status', 'failed', 'review', 'fake-model', 'schema', 'convert', 'report', 'select']);

/**
 * Makes the store's folder for a command that writes to it, before a server or a worker is started
 * upon it. @throws SyngraphError STORE_INVALID where that cannot be
 */
export async function assertStore(storeFolder: string, command: string): Promise<void> {
  if (READERS.has(command)) return;
  try {
    await makeFolder(storeFolder);
    await access(storeFolder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw storeError(error, storeFolder);
  }
}
