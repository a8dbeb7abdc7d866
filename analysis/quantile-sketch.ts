import { geometricBuckets } from '../pipeline/metrics/geometric-buckets.ts';

const BUCKETS = geometricBuckets(0.005);

/** Nearer to zero is zero, and farther away is this far: together they bound the number of buckets to 10,000. */
export const SMALLEST = 1e-9;
export const LARGEST = 1e12;

/**
 * How numbers are distributed, in memory that does not grow with their count: counts in
 * geometric buckets, so that quantiles are within 0.5 % of the true value. Count, mean, smallest and largest are exact.
 */
export class QuantileSketch {
  /** Counts by bucket; negative numbers have a table of their own. */
  readonly #above = new Map<number, number>();
  readonly #below = new Map<number, number>();
  #zeros = 0;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  /** NaN and infinities are left out. */
  add(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#count += 1;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    const size = Math.abs(value);
    if (size < SMALLEST) {
      this.#zeros += 1;
      return;
    }
    const buckets = value > 0 ? this.#above : this.#below;
    const bucket = BUCKETS.bucketOf(Math.min(size, LARGEST));
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }

  get count(): number {
    return this.#count;
  }

  /** NaN without values, as are `min`, `max` and all quantiles. */
  get mean(): number {
    return this.#count === 0 ? Number.NaN : this.#sum / this.#count;
  }

  get min(): number {
    return this.#count === 0 ? Number.NaN : this.#min;
  }

  get max(): number {
    return this.#count === 0 ? Number.NaN : this.#max;
  }

  /** The value that a share of all values, from 0 to 1, is at most. */
  quantile(share: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = Math.min(this.#count, Math.max(1, Math.ceil(share * this.#count)));
    let seen = 0;
    for (const [value, count] of this.entries()) {
      seen += count;
      if (seen >= rank) return value;
    }
    return this.#max;
  }

  /** Values and how often they came, ascending; each value is within 0.5 % of those that it stands for. */
  entries(): [number, number][] {
    const ascending = (buckets: Map<number, number>): [number, number][] => [...buckets].sort(([left], [right]) => left - right);
    const below = ascending(this.#below).reverse().map(([bucket, count]): [number, number] => [-BUCKETS.middleOf(bucket), count]);
    const above = ascending(this.#above).map(([bucket, count]): [number, number] => [BUCKETS.middleOf(bucket), count]);
    const all = [...below, ...(this.#zeros === 0 ? [] : [[0, this.#zeros] as [number, number]]), ...above];
    // A bucket's middle may lie beyond what has come.
    return all.map(([value, count]) => [Math.min(this.#max, Math.max(this.#min, value)), count]);
  }
}
