import { SyngraphError } from '../../pipeline/errors.ts';
import type { Store } from '../store/store.ts';
import type { PartFooter } from './range-files.ts';

/** Bytes at the end of a part that are read at first: most footers are shorter. */
const TAIL = 16 * 1024;

/**
 * What a part says of its batch. Reads the end of the part alone.
 * @throws SyngraphError STORE_INVALID where the part is gone, or is no whole one
 */
export async function readPartFooter(store: Store, key: string): Promise<PartFooter> {
  const size = (await store.size(key)) ?? 0;
  for (let length = Math.min(size, TAIL); length > 0; ) {
    const tail = (await store.readRange(key, size - length, length))?.toString('utf8').trimEnd() ?? '';
    const start = tail.lastIndexOf('\n');
    if (start !== -1 || length === size) return parseFooter(tail.slice(start + 1)) ?? fail(store, key, 'is damaged: its last line tells nothing of its batch');
    length = Math.min(size, length * 4);
  }
  return fail(store, key, 'was written, but is gone');
}

function parseFooter(line: string): PartFooter | null {
  try {
    const value = JSON.parse(line) as Partial<PartFooter> | null;
    return value?.footer === undefined ? null : (value as PartFooter);
  } catch {
    return null;
  }
}

function fail(store: Store, key: string, what: string): never {
  throw new SyngraphError({ code: 'STORE_INVALID', message: `${key} of ${store.location} ${what}` });
}
