import { SyngraphError } from '../../pipeline/errors.ts';
import { readJson } from './read-json.ts';
import type { Store } from './store.ts';

/** Version of the layout of stores: what is written where, and how a reader understands it. */
export const STORE_FORMAT = 1;

const KEY = 'format.json';

interface FormatFile {
  version: number;
}

/**
 * By the version that a store has: brings it to the next one. Each may be begun again after it was
 * interrupted, and may run beside readers of the version before.
 */
const UPGRADES: Record<number, (store: Store) => Promise<void>> = {
  // Stores from before there was a format file are laid out as those of version 1.
  0: async () => undefined,
};

const checked = new WeakMap<Store, Promise<number>>();

/**
 * The version of a store's layout; 0 where it says none. Asked of each store once.
 * @throws SyngraphError STORE_INVALID for one that this version does not know
 */
export function checkStoreFormat(store: Store): Promise<number> {
  const known = checked.get(store) ?? read(store);
  checked.set(store, known);
  known.catch(() => checked.delete(store));
  return known;
}

/** For whoever is going to write: also brings an older store up to date, and marks a new one. @throws SyngraphError STORE_INVALID, DISK_FULL … */
export async function upgradeStore(store: Store): Promise<void> {
  for (let version = await checkStoreFormat(store); version < STORE_FORMAT; version += 1) {
    await UPGRADES[version]?.(store);
    const format: FormatFile = { version: version + 1 };
    await store.write(KEY, `${JSON.stringify(format)}\n`);
    checked.set(store, Promise.resolve(version + 1));
  }
}

async function read(store: Store): Promise<number> {
  const format = await readJson<Partial<FormatFile>>(store, KEY);
  const version = format === null ? 0 : format.version;
  if (typeof version === 'number' && Number.isInteger(version) && version >= 0 && version <= STORE_FORMAT) return version;
  throw new SyngraphError({
    code: 'STORE_INVALID',
    message: `The store ${store.location} has format ${JSON.stringify(version)}; this version of syngraph knows formats up to ${STORE_FORMAT}`,
    nextStep: 'Use the version of syngraph that others use with this store (npm install syngraph@latest), or another store (--store).',
    details: { format: typeof version === 'number' ? version : null },
  });
}
