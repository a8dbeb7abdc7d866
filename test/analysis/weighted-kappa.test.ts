import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AgreementTable } from '../../analysis/weighted-kappa.ts';
import { agreementOf } from '../../recipes/quality_judge/agreement.ts';

const score = fc.integer({ min: 1, max: 5 });

test('agrees with the recipe, which has all pairs in memory', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 200 }), (pairs) => {
      const table = new AgreementTable();
      for (const [first, second] of pairs) table.add(first, second);
      const found = table.agreement();
      const wanted = agreementOf(pairs)!;
      assert.equal(found.pairs, pairs.length);
      if (wanted.kappa === null) assert.equal(found.kappa, null);
      else assert.ok(Math.abs(found.kappa! - wanted.kappa) < 1e-9);
      assert.ok(Math.abs(found.equal! - wanted.equal) < 1e-12 && Math.abs(found.meanDistance! - wanted.mean_distance) < 1e-12);
    }),
  );
});
