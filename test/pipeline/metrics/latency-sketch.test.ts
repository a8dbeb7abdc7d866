import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { emptySketch, latencyHistogram, mergeSketch, noteLatency, quantile, type LatencySketch } from '../../../pipeline/metrics/latency-sketch.ts';

const durations = fc.array(fc.double({ min: 1, max: 86_400_000, noNaN: true }), { minLength: 1, maxLength: 300 });

function sketchOf(values: number[]): LatencySketch {
  const sketch = emptySketch();
  for (const value of values) noteLatency(sketch, value);
  return sketch;
}

test('quantiles are right to one per cent of a duration', () => {
  fc.assert(
    fc.property(durations, fc.constantFrom(0, 0.5, 0.95, 0.99, 1), (values, share) => {
      const sorted = values.toSorted((left, right) => left - right);
      const exact = sorted[Math.floor(share * (sorted.length - 1))]!;
      const told = quantile(sketchOf(values), share)!;
      assert.ok(Math.abs(told - exact) <= exact * 0.0100001, `${told} instead of ${exact}`);
    }),
  );
});

test('two sketches make one, as if all durations had been noted in it', () => {
  fc.assert(
    fc.property(durations, durations, (left, right) => {
      const merged = sketchOf(left);
      mergeSketch(merged, JSON.parse(JSON.stringify(sketchOf(right))) as LatencySketch);
      const whole = sketchOf([...left, ...right]);
      assert.deepEqual(merged.buckets, whole.buckets);
      assert.deepEqual([merged.count, merged.min, merged.max], [whole.count, whole.min, whole.max]);
    }),
  );
});

test('a day of durations fits into fewer than a thousand buckets', () => {
  const values = Array.from({ length: 20_000 }, (_, index) => Math.exp((index / 20_000) * Math.log(86_400_000)));
  assert.ok(Object.keys(sketchOf(values).buckets).length < 1000);
});

test('no duration has no quantile, and a histogram counts every one', () => {
  assert.equal(quantile(emptySketch(), 0.5), null);
  const bins = latencyHistogram(sketchOf([0, 5, 50, 51, 5000]), 10);
  assert.equal(bins.reduce((sum, { count }) => sum + count, 0), 5);
  assert.deepEqual(bins, bins.toSorted((left, right) => left.upTo - right.upTo));
});
