import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { meanNearestDistance, vendiScore } from '../../quality/embedding-diversity.ts';
import { symmetricEigenvalues } from '../../quality/symmetric-eigenvalues.ts';

interface Reference {
  count: number;
  size: number;
  common: number;
  seed: number;
  vendi: number;
  nearest: number;
}

/** As make-model-references.py makes them. */
function noise({ count, size, common, seed }: Reference): Float32Array[] {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 32 - 0.5) + common;
  };
  return Array.from({ length: count }, () => Float32Array.from({ length: size }, next));
}

describe('the diversity of embeddings', () => {
  it('is what numpy makes of the definitions', async () => {
    const references = JSON.parse(await readFile(new URL('fixtures/diversity-references.json', import.meta.url), 'utf8')) as Reference[];
    assert.ok(references.length > 0);
    for (const reference of references) {
      const vectors = noise(reference);
      const near = (measured: number, expected: number): void => assert.ok(Math.abs(measured - expected) <= 1e-6 * Math.max(1, expected), `${measured} is not ${expected}`);
      near(vendiScore(vectors), reference.vendi);
      near(meanNearestDistance(vectors), reference.nearest);
    }
  });

  it('counts vectors at right angles, whatever their lengths, and doubles once', () => {
    const axes = Array.from({ length: 5 }, (_, axis) => Float32Array.from({ length: 8 }, (_one, index) => (index === axis ? axis + 1 : 0)));
    assert.ok(Math.abs(vendiScore(axes) - 5) < 1e-9);
    assert.ok(Math.abs(vendiScore([...axes, ...axes]) - 5) < 1e-9);
    assert.deepEqual([meanNearestDistance(axes), meanNearestDistance([...axes, ...axes])], [1, 0]);
    assert.deepEqual([vendiScore([]), vendiScore([axes[0]!]), meanNearestDistance([axes[0]!])], [0, 1, 0]);
  });

  it('finds eigenvalues whose sum and squares are those of the matrix', () => {
    const symmetric = fc.integer({ min: 1, max: 12 }).chain((size) =>
      fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: size * size, maxLength: size * size }).map((numbers) => ({ size, numbers })),
    );
    fc.assert(
      fc.property(symmetric, ({ size, numbers }) => {
        const matrix = Float64Array.from(numbers, (_, index) => numbers[Math.min(index, (index % size) * size + Math.floor(index / size))]!);
        const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
        const trace = sum(Array.from({ length: size }, (_, index) => matrix[index * size + index]!));
        const squares = sum(matrix.map((value) => value ** 2));
        const found = symmetricEigenvalues(matrix.slice(), size);
        return Math.abs(sum(found) - trace) <= 1e-9 * (1 + Math.sqrt(squares) * size) && Math.abs(sum(found.map((value) => value ** 2)) - squares) <= 1e-9 * (1 + squares);
      }),
    );
  });
});
