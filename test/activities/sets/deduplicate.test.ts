import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { jaccard, shingleHashes } from '../../../activities/sets/shingles.ts';
import type { SetOperationPlan } from '../../../pipeline/plan.ts';
import { createSetScene, type SetScene, texts } from './set-scene.ts';

const EXACT = { kind: 'deduplicate_exact', field: 'text', keep: 'first', report: null } as const;
const MINHASH: Extract<SetOperationPlan, { kind: 'deduplicate_minhash' }> = {
  kind: 'deduplicate_minhash', field: 'text', threshold: 0.8, shingle: 3, unit: 'word', permutations: 128, keep: 'first', report: null,
};

let scene: SetScene;
before(async () => (scene = await createSetScene()));
after(() => scene.close());

describe('exact deduplication', () => {
  it('looks past case, blanks and width, and keeps the first', async () => {
    assert.deepEqual(await scene.kept(EXACT, texts('One  two', 'three', ' one TWO\n', 'ｏｎｅ two', 'three!')), [0, 1, 4]);
  });

  it('keeps the last where it is told to', async () => {
    assert.deepEqual(await scene.kept({ ...EXACT, keep: 'last' }, texts('a', 'b', 'a', 'a')), [1, 3]);
  });

  it('takes records without a text for like no other', async () => {
    assert.deepEqual(await scene.kept(EXACT, [{ text: '' }, {}, { text: null }, { text: '  ' }]), [0, 1, 2, 3]);
  });

  it('compares lists by their items and paths into the state', async () => {
    assert.deepEqual(await scene.kept({ ...EXACT, field: 'a.b' }, [{ a: { b: ['x', 'y'] } }, { a: { b: ['x', 'y'] } }, { a: { b: ['x'] } }]), [0, 2]);
  });
});

/** A text of words of its own, and copies of it in which one stretch was written anew. */
function nearDuplicates(seed: number, changedWords: number): [string, string] {
  const words = Array.from({ length: 100 }, (_, index) => `w${(seed * 7919 + index * 104729) % 50_021}`);
  const copy = words.map((word, index) => (index >= 40 && index < 40 + changedWords ? `x${seed}x${index}` : word));
  return [words.join(' '), copy.join(' ')];
}

describe('deduplication by shingles', () => {
  it('drops what resembles a kept text and keeps what does not', async () => {
    // 100 words have 98 shingles; n changed words in a row touch n + 2 of them.
    const pairs = Array.from({ length: 400 }, (_, seed) => nearDuplicates(seed, seed % 2 === 0 ? 8 : 30));
    const similarity = pairs.map(([one, other]) => jaccard(shingleHashes(one, { unit: 'word', length: 3 }), shingleHashes(other, { unit: 'word', length: 3 })));
    const kept = new Set(await scene.kept(MINHASH, pairs.flatMap(([one, other]) => texts(one, other))));
    const near = similarity.flatMap((value, index) => (value >= 0.8 ? [index] : []));
    assert.equal(near.length, 200);
    assert.ok(near.filter((index) => !kept.has(index * 2 + 1)).length >= 0.98 * near.length);
    assert.ok(similarity.every((value, index) => value >= 0.8 || kept.has(index * 2 + 1)));
    assert.ok(pairs.every((_, index) => kept.has(index * 2)));
  });

  it('lets what is dropped have a neighbour among the kept, not a chain of neighbours', async () => {
    const word = (from: number, count: number): string => Array.from({ length: count }, (_, index) => `w${from + index}`).join(' ');
    // Each is shifted by 6 of 100 words against the one before: neighbours resemble each other, ends do not.
    const shifted = Array.from({ length: 5 }, (_, index) => word(index * 6, 100));
    assert.deepEqual(await scene.kept(MINHASH, texts(...shifted)), [0, 2, 4]);
    assert.deepEqual(await scene.kept({ ...MINHASH, keep: 'last' }, texts(...shifted)), [0, 2, 4]);
    assert.deepEqual(await scene.kept({ ...MINHASH, keep: 'last' }, texts(...shifted.slice(0, 4))), [1, 3]);
  });

  it('compares scripts without blanks, short texts and characters', async () => {
    assert.deepEqual(await scene.kept({ ...MINHASH, threshold: 0.6 }, texts('我今天早上吃了一个很大的苹果', '我今天早上吃了一个很大的苹果。', '他昨天晚上看了一本很旧的小说')), [0, 2]);
    assert.deepEqual(await scene.kept(MINHASH, texts('yes', 'Yes!', 'no', null)), [0, 2, 3]);
    assert.deepEqual(await scene.kept({ ...MINHASH, unit: 'character', shingle: 4, threshold: 0.7 }, texts('internationalisation', 'internationalisations', 'localisation')), [0, 2]);
  });

  it('takes many copies of one text in its stride', async () => {
    assert.deepEqual(await scene.kept(MINHASH, Array.from({ length: 3000 }, () => ({ text: 'the same five words again' }))), [0]);
  });

  it('lists pairs, with the similarity of their shingles, up to a limit', async () => {
    const report = { file: 'pairs.jsonl', form: 'lines', maxPairs: 2, idField: 'key', settings: {} } as const;
    const states = ['a b c d', 'a b c d', 'x y z', 'a b c d', 'X y z'].map((text, index) => ({ text, key: `k${index}` }));
    assert.deepEqual(await scene.kept({ ...MINHASH, report }, states), [0, 2]);
    const lines = (await readFile(join(scene.folder, 'pairs.jsonl'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);
    assert.deepEqual(lines, [
      { kept_index: 0, dropped_index: 1, kept_id: 'k0', dropped_id: 'k1', similarity: 1 },
      { kept_index: 0, dropped_index: 3, kept_id: 'k0', dropped_id: 'k3', similarity: 1 },
    ]);
  });

  it('stops where it is told to', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    const many = Array.from({ length: 20_000 }, (_, index) => ({ text: `${index} ${'word '.repeat(50)}` }));
    await assert.rejects(scene.decide(MINHASH, many, { signal }), /stopped/);
  });
});

describe('shingles', () => {
  it('are a set: ascending, each once, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('word' as const, 'character' as const), fc.integer({ min: 1, max: 6 }), (text, unit, length) => {
        const hashes = shingleHashes(text, { unit, length });
        for (let index = 1; index < hashes.length; index += 1) assert.ok(hashes[index]! > hashes[index - 1]!);
        assert.equal(jaccard(hashes, hashes), hashes.length === 0 ? 0 : 1);
      }),
    );
  });
});
