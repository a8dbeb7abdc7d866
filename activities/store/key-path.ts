import { join } from 'node:path';

import { SyngraphError } from '../../pipeline/errors.ts';

/** The file of a key. */
export function keyPath(folder: string, key: string): string {
  assertKey(key);
  return join(folder, ...key.split('/'));
}

/**
 * Parts of keys come from pipelines, run ids and records, so a key that could leave the store's
 * folder is refused. @throws SyngraphError STORE_INVALID
 */
export function assertKey(key: string): void {
  const segments = key.split('/');
  const valid = segments.every(
    (segment) => segment !== '' && segment !== '.' && segment !== '..' && !/[\0\\]/.test(segment),
  );
  if (!valid) {
    throw new SyngraphError({
      code: 'STORE_INVALID',
      message: `Not a key of the store: ${JSON.stringify(key)}. A key is a relative path with "/", without empty, "." or ".." parts and without backslashes`,
      details: { key },
    });
  }
}
