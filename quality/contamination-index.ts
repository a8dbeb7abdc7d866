import { wordHashes, type WordHashes } from './word-hashes.ts';

/** Runs of words of benchmarks, as hashes of 64 bits each, so that none is taken for another by chance. */
export interface ContaminationIndex {
  benchmarks: string[];
  /** Lengths of the runs, in words. */
  sizes: number[];
  /** Slots of three numbers: both halves of a hash, and the benchmark's place in the list plus 1; 0 where a slot is free. */
  table: Uint32Array;
}

/** A run of words that a benchmark has, too. */
export interface Overlap {
  benchmark: string;
  words: string[];
}

const SLOT = 3;
const FIRST_SLOTS = 1024;
/** 200 MB of table. */
const MOST_RUNS = 8_000_000;

/**
 * Takes the texts of benchmarks apart into runs of `size` words. A shorter text is one run if it has `leastWords`, and is left out
 * else, as single phrases stand in many texts.
 */
export class ContaminationIndexBuilder {
  readonly #size: number;
  readonly #leastWords: number;
  readonly #benchmarks: string[] = [];
  readonly #sizes = new Set<number>();
  #table = new Uint32Array(FIRST_SLOTS * SLOT);
  #runs = 0;

  constructor({ size, leastWords }: { size: number; leastWords: number }) {
    this.#size = size;
    this.#leastWords = leastWords;
  }

  /** @returns how many runs the text has; 0 where it is too short. @throws RangeError where the index would grow too large */
  add(benchmark: string, words: readonly string[]): number {
    if (words.length < Math.min(this.#leastWords, this.#size)) return 0;
    const size = Math.min(this.#size, words.length);
    this.#sizes.add(size);
    const owner = this.#ownerOf(benchmark);
    const hashes = wordHashes(words);
    for (let start = 0; start + size <= words.length; start += 1) {
      if ((this.#runs + 1) * 2 * SLOT > this.#table.length) this.#grow();
      if (put(this.#table, runHash(hashes, start, size), owner)) this.#runs += 1;
    }
    return words.length - size + 1;
  }

  finish(): ContaminationIndex {
    return { benchmarks: this.#benchmarks, sizes: [...this.#sizes].sort((left, right) => right - left), table: this.#table };
  }

  #ownerOf(benchmark: string): number {
    const known = this.#benchmarks.indexOf(benchmark);
    return known === -1 ? this.#benchmarks.push(benchmark) : known + 1;
  }

  #grow(): void {
    if (this.#runs >= MOST_RUNS) throw new RangeError(`more than ${MOST_RUNS} runs of words`);
    const old = this.#table;
    this.#table = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += SLOT) if (old[at + 2] !== 0) put(this.#table, [old[at]!, old[at + 1]!], old[at + 2]!);
  }
}

/** Runs of a text's words that benchmarks have; one for each word at which such a run begins. */
export function findOverlaps({ benchmarks, sizes, table }: ContaminationIndex, words: readonly string[]): Overlap[] {
  if (sizes.every((size) => size > words.length)) return [];
  const hashes = wordHashes(words);
  const found: Overlap[] = [];
  for (let start = 0; start < words.length; start += 1) {
    for (const size of sizes) {
      if (start + size > words.length) continue;
      const owner = table[slotOf(table, runHash(hashes, start, size)) + 2]!;
      if (owner === 0) continue;
      found.push({ benchmark: benchmarks[owner - 1]!, words: words.slice(start, start + size) });
      break;
    }
  }
  return found;
}

function put(table: Uint32Array, hash: readonly [number, number], owner: number): boolean {
  const slot = slotOf(table, hash);
  if (table[slot + 2] !== 0) return false;
  [table[slot], table[slot + 1], table[slot + 2]] = [hash[0], hash[1], owner];
  return true;
}

/** Where the hash stands, or would stand. */
function slotOf(table: Uint32Array, [high, low]: readonly [number, number]): number {
  const mask = table.length / SLOT - 1;
  for (let place = low & mask; ; place = (place + 1) & mask) {
    const at = place * SLOT;
    if (table[at + 2] === 0 || (table[at] === high && table[at + 1] === low)) return at;
  }
}

function runHash({ high, low }: WordHashes, start: number, size: number): [number, number] {
  let [one, other] = [size, size];
  for (let index = start; index < start + size; index += 1) {
    one = Math.imul(one ^ high[index]!, 0x9e3779b1) + (one >>> 15);
    other = Math.imul(other ^ low[index]!, 0x85ebca6b) + (other >>> 13);
  }
  return [(one ^ (one >>> 16)) >>> 0, (other ^ (other >>> 15)) >>> 0];
}
