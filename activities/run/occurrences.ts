import { hash } from 'node:crypto';

/** Tells records with the same content apart by the count of their occurrence. */
export interface Occurrences {
  /** The id itself the first time, `<id>-2`, `<id>-3` … from then on. */
  unique(id: string): string;
}

const FIRST_CAPACITY = 1 << 14;

/**
 * An open-addressed table of 64-bit hashes and counts: 12 bytes a slot, so that ten million records
 * need some hundred megabytes where a Map of strings would need gigabytes. Two ids that share a
 * hash (once in 10^5 runs of ten million) would only give the second one a suffix.
 */
export function createOccurrences(): Occurrences {
  let capacity = FIRST_CAPACITY;
  let high = new Uint32Array(capacity);
  let low = new Uint32Array(capacity);
  let counts = new Uint32Array(capacity);
  let used = 0;

  function slotOf(first: number, second: number): number {
    let slot = second & (capacity - 1);
    while (counts[slot] !== 0 && (high[slot] !== first || low[slot] !== second)) slot = (slot + 1) & (capacity - 1);
    return slot;
  }

  function grow(): void {
    const old = { high, low, counts };
    capacity *= 2;
    [high, low, counts] = [new Uint32Array(capacity), new Uint32Array(capacity), new Uint32Array(capacity)];
    old.counts.forEach((count, index) => {
      if (count === 0) return;
      const [first, second] = [old.high[index] ?? 0, old.low[index] ?? 0];
      const slot = slotOf(first, second);
      [high[slot], low[slot], counts[slot]] = [first, second, count];
    });
  }

  return {
    unique(id) {
      const digest = hash('sha256', id);
      const first = Number.parseInt(digest.slice(0, 8), 16);
      const second = Number.parseInt(digest.slice(8, 16), 16);
      const slot = slotOf(first, second);
      const count = (counts[slot] ?? 0) + 1;
      if (count === 1) {
        [high[slot], low[slot]] = [first, second];
        used += 1;
      }
      counts[slot] = count;
      if (used * 2 > capacity) grow();
      return count === 1 ? id : `${id}-${count}`;
    },
  };
}
