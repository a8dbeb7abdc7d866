import type { Store } from '../store/store.ts';
import { KEY_LENGTH } from './call-key.ts';

/**
 * Index of a finished run's journal: fixed-width entries sorted by key, in shards of a bounded
 * number of entries. Keys are hashes and so evenly spread: where an entry stands in its shard can
 * be reckoned from its key, one small read finds it, and nothing is kept in memory.
 */
const KEY_BYTES = KEY_LENGTH / 2;

/** Key, number of the segment (4 bytes), offset (6), length (4). */
export const ENTRY_BYTES = KEY_BYTES + 4 + 6 + 4;

/** Entries of a shard: what sorting holds in memory at a time. */
const SHARD_ENTRIES = 500_000;

/** Half the window that is read around the reckoned place: beside these, three standard deviations of where hashes stand. */
const WINDOW_ENTRIES = 32;

export interface IndexLocation {
  segment: number;
  offset: number;
  length: number;
}

export interface IndexShard {
  key: string;
  entries: number;
}

/** Collects entries and writes them as sorted shards `<prefix>-0000.index`, … */
export function createIndexWriter(store: Store, prefix: string): {
  /** null, but for an entry that fills a shard: then no other may be added before it is written. */
  add(key: string, location: IndexLocation): Promise<void> | null;
  finish(): Promise<IndexShard[]>;
} {
  const shards: IndexShard[] = [];
  let entries: { key: string; location: IndexLocation }[] = [];

  async function flush(): Promise<void> {
    if (entries.length === 0) return;
    entries.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
    const bytes = Buffer.allocUnsafe(entries.length * ENTRY_BYTES);
    entries.forEach(({ key, location }, index) => {
      const start = index * ENTRY_BYTES;
      bytes.write(key, start, 'hex');
      bytes.writeUInt32BE(location.segment, start + KEY_BYTES);
      bytes.writeUIntBE(location.offset, start + KEY_BYTES + 4, 6);
      bytes.writeUInt32BE(location.length, start + KEY_BYTES + 10);
    });
    const key = `${prefix}-${String(shards.length).padStart(4, '0')}.index`;
    await store.write(key, bytes);
    shards.push({ key, entries: entries.length });
    entries = [];
  }

  return {
    add: (key, location) => (entries.push({ key, location }) < SHARD_ENTRIES ? null : flush()),
    async finish() {
      await flush();
      return shards;
    },
  };
}

/** Bytes of a shard from offset; fewer at its end, null where it is gone. */
export type ReadShard = (offset: number, length: number) => Promise<Buffer | null>;

/** Where the answer to a key is, if the shard has it. */
export async function findInShard(shard: IndexShard, key: string, read: ReadShard): Promise<IndexLocation | null> {
  const wanted = Buffer.from(key, 'hex');
  const guess = Math.floor((wanted.readUIntBE(0, 6) / 2 ** 48) * shard.entries);
  const deviation = Math.sqrt(shard.entries) / 2;
  for (let reach = WINDOW_ENTRIES + Math.ceil(3 * deviation); ; reach *= 4) {
    const first = Math.max(0, guess - reach);
    const last = Math.min(shard.entries, guess + reach);
    const window = await read(first * ENTRY_BYTES, (last - first) * ENTRY_BYTES);
    if (window === null) return null;
    const found = searchWindow(window, wanted);
    if (found !== null) return found;
    const entries = window.length / ENTRY_BYTES;
    const belowAll = first > 0 && compareAt(window, 0, wanted) > 0;
    const aboveAll = last < shard.entries && compareAt(window, entries - 1, wanted) < 0;
    if (!belowAll && !aboveAll) return null;
  }
}

function searchWindow(window: Buffer, wanted: Buffer): IndexLocation | null {
  let low = 0;
  let high = window.length / ENTRY_BYTES - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareAt(window, middle, wanted);
    if (order === 0) return locationAt(window, middle);
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

function compareAt(window: Buffer, entry: number, wanted: Buffer): number {
  const start = entry * ENTRY_BYTES;
  return window.compare(wanted, 0, KEY_BYTES, start, start + KEY_BYTES);
}

function locationAt(window: Buffer, entry: number): IndexLocation {
  const start = entry * ENTRY_BYTES + KEY_BYTES;
  return {
    segment: window.readUInt32BE(start),
    offset: window.readUIntBE(start + 4, 6),
    length: window.readUInt32BE(start + 10),
  };
}
