import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { chooseRows, weightedKey } from '../../../analysis/selection/choose-rows.ts';
import { interleave, orderRows } from '../../../analysis/selection/order-rows.ts';
import { shareOut } from '../../../analysis/selection/share-out.ts';

describe('sharing places out', () => {
  it('gives away all it can, nobody more than there is, and differs by more than one only where a stratum is used up', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }), (places, available) => {
        const shares = shareOut(places, available);
        const sum = (list: number[]): number => list.reduce((total, value) => total + value, 0);
        assert.equal(sum(shares), Math.min(places, sum(available)));
        assert.ok(shares.every((share, stratum) => share <= available[stratum]!));
        const most = Math.max(...shares);
        for (const [stratum, share] of shares.entries()) if (share < most - 1) assert.equal(share, available[stratum]);
      }),
    );
  });
});

describe('choosing rows', () => {
  it('takes the largest keys of each stratum and never a row without a key', () => {
    const row = fc.record({ key: fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.NaN)), stratum: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 80 }), fc.integer({ min: 1, max: 10 }), (rows, per) => {
        const keys = Float64Array.from(rows, ({ key }) => key);
        const chosen = chooseRows({ keys, strata: Int32Array.from(rows, ({ stratum }) => stratum), quota: { per } });
        assert.equal(new Set(chosen).size, chosen.length);
        for (const stratum of [0, 1, 2, 3]) {
          const of = (list: number[]): number[] => list.filter((index) => rows[index]!.stratum === stratum && !Number.isNaN(keys[index]));
          const taken = of([...chosen]);
          const all = of(rows.map((_, index) => index));
          assert.equal(taken.length, Math.min(per, all.length));
          const least = Math.min(...taken.map((index) => keys[index]!));
          for (const left of all.filter((index) => !taken.includes(index))) assert.ok(keys[left]! <= least);
        }
      }),
    );
  });

  it('draws the first of a sample with a chance in proportion to its weight', () => {
    const weights = [1, 2, 3, 4];
    const first = [0, 0, 0, 0];
    let state = 11;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const rounds = 20_000;
    for (let round = 0; round < rounds; round += 1) {
      const keys = Float64Array.from(weights, (weight) => weightedKey(weight, random()));
      first[chooseRows({ keys, strata: null, quota: { size: 1 } })[0]!]! += 1;
    }
    for (const [index, weight] of weights.entries()) assert.ok(Math.abs(first[index]! / rounds - weight / 10) < 0.015, first.join(' '));
    assert.ok(Number.isNaN(weightedKey(0, 0.5)) && Number.isNaN(weightedKey(Number.NaN, 0.5)));
  });
});

describe('ordering and mixing', () => {
  it('puts rows without a value last in either direction, and leaves alike rows in their order', () => {
    const values = Float64Array.from([2, Number.NaN, 1, 2, Number.NaN, 1]);
    const rows = Uint32Array.from(values.keys());
    assert.deepEqual([...orderRows(rows, { values, descending: false })], [2, 5, 0, 3, 1, 4]);
    assert.deepEqual([...orderRows(rows, { values, descending: true })], [0, 3, 2, 5, 1, 4]);
  });

  it('takes all items of both lists, whatever is drawn', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.double({ min: 0, max: 0.999999, noNaN: true }), (first, second, draw) => {
        const order = [...interleave({ first, second, random: () => draw })];
        assert.deepEqual([order.filter((which) => which === 'first').length, order.length], [first, first + second]);
      }),
    );
  });
});
