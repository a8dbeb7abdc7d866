import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readAhead } from '../../../activities/store/read-ahead.ts';

describe('reading ahead', () => {
  it('keeps the order, reads each once, and holds no more than it was told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), async (delays, ahead) => {
        let held = 0;
        let most = 0;
        const seen: number[] = [];
        const keys = delays.map((_, index) => index);
        const read = async (index: number): Promise<number> => {
          most = Math.max(most, ++held);
          for (let turns = delays[index] ?? 0; turns > 0; turns -= 1) await Promise.resolve();
          return index;
        };
        for await (const { key, result } of readAhead(keys, { ahead, read })) {
          assert.equal(key, result);
          held -= 1;
          seen.push(result);
        }
        assert.deepEqual(seen, keys);
        assert.ok(most <= ahead);
      }),
    );
  });

  it('rejects where its turn comes, and not before', async () => {
    const read = (key: number): Promise<number> => (key === 2 ? Promise.reject(new Error('gone')) : Promise.resolve(key));
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const { result } of readAhead([0, 1, 2, 3], { ahead: 4, read })) seen.push(result);
    }, /gone/);
    assert.deepEqual(seen, [0, 1]);
  });
});
