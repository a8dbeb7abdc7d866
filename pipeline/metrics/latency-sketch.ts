import { geometricBuckets } from './geometric-buckets.ts';

/**
 * Durations, summed up so that quantiles of any number of them can be told with a relative error of
 * at most 1 %, and that two sketches make one: counts in geometric buckets of milliseconds, of which
 * there are fewer than 1,000 from 1 ms to a day.
 */
export interface LatencySketch {
  count: number;
  /** Milliseconds. */
  sum: number;
  sumOfSquares: number;
  min: number;
  max: number;
  /** Bucket to count. */
  buckets: Record<number, number>;
}

const BUCKETS = geometricBuckets(0.01);

export function emptySketch(): LatencySketch {
  return { count: 0, sum: 0, sumOfSquares: 0, min: 0, max: 0, buckets: {} };
}

/** What takes less than a millisecond counts as one: clocks do not tell more. */
export function noteLatency(sketch: LatencySketch, milliseconds: number): void {
  const value = Math.max(1, milliseconds);
  const bucket = BUCKETS.bucketOf(value);
  sketch.buckets[bucket] = (sketch.buckets[bucket] ?? 0) + 1;
  sketch.min = sketch.count === 0 ? value : Math.min(sketch.min, value);
  sketch.max = Math.max(sketch.max, value);
  sketch.count += 1;
  sketch.sum += value;
  sketch.sumOfSquares += value * value;
}

/** Adds `more` to the sketch. */
export function mergeSketch(sketch: LatencySketch, more: LatencySketch): void {
  if (more.count === 0) return;
  sketch.min = sketch.count === 0 ? more.min : Math.min(sketch.min, more.min);
  sketch.max = Math.max(sketch.max, more.max);
  sketch.count += more.count;
  sketch.sum += more.sum;
  sketch.sumOfSquares += more.sumOfSquares;
  for (const [bucket, count] of Object.entries(more.buckets)) {
    sketch.buckets[Number(bucket)] = (sketch.buckets[Number(bucket)] ?? 0) + count;
  }
}

/** Milliseconds below which a share of the durations lies; null where there are none. */
export function quantile(sketch: LatencySketch, share: number): number | null {
  if (sketch.count === 0) return null;
  const rank = share * (sketch.count - 1);
  let below = 0;
  for (const [bucket, count] of histogramOf(sketch)) {
    below += count;
    if (below > rank) return Math.min(sketch.max, Math.max(sketch.min, BUCKETS.middleOf(bucket)));
  }
  return sketch.max;
}

/** Upper ends of buckets in milliseconds with their counts, ascending; `width` buckets are taken together. */
export function latencyHistogram(sketch: LatencySketch, width: number): { upTo: number; count: number }[] {
  const wide = new Map<number, number>();
  for (const [bucket, count] of histogramOf(sketch)) {
    const group = Math.ceil(bucket / width) * width;
    wide.set(group, (wide.get(group) ?? 0) + count);
  }
  return [...wide].map(([bucket, count]) => ({ upTo: BUCKETS.endOf(bucket), count }));
}

function histogramOf({ buckets }: LatencySketch): [number, number][] {
  return Object.entries(buckets).map(([bucket, count]): [number, number] => [Number(bucket), count]).sort(([left], [right]) => left - right);
}
