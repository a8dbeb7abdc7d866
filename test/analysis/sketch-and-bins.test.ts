import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { displayBins } from '../../analysis/display-bins.ts';
import { QuantileSketch } from '../../analysis/quantile-sketch.ts';
import { Reservoir } from '../../analysis/reservoir.ts';

const numbers = fc.array(fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.integer({ min: -5, max: 40 })), { minLength: 1, maxLength: 300 });

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

describe('a sketch of quantiles', () => {
  it('is within 0.5 % of each quantile, and exact in count, smallest and largest', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sketch = sketchOf(values);
        const sorted = [...values].sort((left, right) => left - right);
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
        assert.ok(Math.abs(sketch.quantile(share) - exact) <= Math.abs(exact) * 0.005001 + 1e-9, `${sketch.quantile(share)} for ${exact}`);
        assert.deepEqual([sketch.count, sketch.min, sketch.max], [values.length, Math.min(...values), Math.max(...values)]);
        assert.equal(sketch.entries().reduce((sum, [, count]) => sum + count, 0), values.length);
      }),
    );
  });

  it('has no quantiles without values, and leaves out what is no number', () => {
    const sketch = sketchOf([Number.NaN, Infinity]);
    assert.ok([sketch.mean, sketch.min, sketch.max, sketch.quantile(0.5)].every(Number.isNaN));
    assert.deepEqual(displayBins({ all: sketch, accepted: sketch }, 'linear'), []);
  });
});

describe('bins for a picture', () => {
  it('hold every value once, in order and without gaps, whatever the values are', () => {
    fc.assert(
      fc.property(numbers, fc.constantFrom('share', 'linear', 'whole', 'log' as const), (values, scale) => {
        const [all, accepted] = [sketchOf(values), sketchOf(values.slice(0, 7))];
        const bins = displayBins({ all, accepted }, scale);
        assert.equal(bins.reduce((sum, { count }) => sum + count, 0), values.length);
        assert.equal(bins.reduce((sum, bin) => sum + bin.accepted, 0), Math.min(7, values.length));
        assert.ok(bins.length >= 1 && bins.length <= 300, `${bins.length} bins`);
        for (const [index, { from, to }] of bins.entries()) {
          assert.ok(from < to, `${from} < ${to}`);
          if (index > 0) assert.equal(from, bins[index - 1]!.to);
        }
      }),
    );
  });

  it('have whole numbers in their middle', () => {
    const sketch = sketchOf([2, 2, 3, 4, 4, 4, 30]);
    const bins = displayBins({ all: sketch, accepted: sketch }, 'whole');
    assert.deepEqual(bins.filter(({ count }) => count > 0).map(({ from, to, count }) => [(from + to) / 2, count]), [[2, 2], [3, 1], [4, 3], [30, 1]]);
  });
});

describe('a reservoir', () => {
  it('keeps each item with the same chance', () => {
    const hits = new Array<number>(20).fill(0);
    let state = 7;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let round = 0; round < 4_000; round += 1) {
      const reservoir = new Reservoir<number>({ size: 5, random });
      for (let item = 0; item < 20; item += 1) reservoir.offer(() => item);
      assert.equal(reservoir.items().length, 5);
      for (const item of reservoir.items()) hits[item]! += 1;
    }
    // 1,000 are expected of each, with a standard deviation of 27.
    assert.ok(hits.every((count) => count > 850 && count < 1_150), hits.join(' '));
  });
});
