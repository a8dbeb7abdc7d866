import { access, constants } from 'node:fs/promises';
import { makeFolder } from '../activities/store/make-folder.ts';
import { checkStoreFormat, upgradeStore } from '../activities/store/store-format.ts';
import { storeError } from '../activities/store/store-error.ts';
import type { CommandContext } from './context.ts';

/** Commands that leave no trace where there is no store yet. */
const READERS: ReadonlySet<string> = new Set(['init', 'list', 'status', 'failed', 'review', 'fake-model', 'schema', 'convert', 'report', 'select']);

/** Commands that read nothing of the store, either. */
const STRANGERS: ReadonlySet<string> = new Set(['init', 'fake-model', 'schema', 'convert', 'select', 'validate', 'compat', 'graph', 'codec']);

/** Commands that write runs, or start a worker that does. */
const WRITERS: ReadonlySet<string> = new Set(['run', 'quality', 'worker', 'up', 'retry', 'preview', 'estimate', 'create']);

/**
 * Makes the store's folder for a command that writes to it, before a server or a worker is started
 * upon it, and brings an older store up to date.
 * @throws SyngraphError STORE_INVALID where that cannot be, or the store is one of a later version
 */
export async function assertStore({ store, storeFolder }: Pick<CommandContext, 'store' | 'storeFolder'>, command: string): Promise<void> {
  await assertFolder(storeFolder, command);
  if (WRITERS.has(command)) await upgradeStore(store);
  else if (!STRANGERS.has(command)) await checkStoreFormat(store);
}

async function assertFolder(storeFolder: string, command: string): Promise<void> {
  if (READERS.has(command)) return;
  try {
    await makeFolder(storeFolder);
    await access(storeFolder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw storeError(error, storeFolder);
  }
}
