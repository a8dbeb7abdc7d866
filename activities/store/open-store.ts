import { join } from 'node:path';
import { createFolderStore } from './folder-store.ts';
import { isS3Address } from './s3/s3-address.ts';
import { createS3Store } from './s3/s3-store.ts';
import type { Store } from './store.ts';

/**
 * The store of an address: `s3://bucket/prefix`, or a folder. Nothing is made or asked before it is used.
 * @param settings.localFolder a folder of this machine, for copies of what must be a file
 * @throws SyngraphError USAGE
 */
export function openStore(address: string, settings: { localFolder: string; environment?: NodeJS.ProcessEnv }): Store {
  const { localFolder, ...rest } = settings;
  return isS3Address(address) ? createS3Store({ address, copiesFolder: join(localFolder, 'copies'), ...rest }) : createFolderStore(address);
}
