import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import pc from 'picocolors';
import { pendingReviewsKey, readReviewDecision, reviewDecisionKey, type PendingReview } from '../../../activities/run/review-files.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import type { Store } from '../../../activities/store/store.ts';
import { renderPendingReviews } from '../../../cli/render/pending-reviews.ts';
import { decideReviews } from '../../../cli/reviews/decide-reviews.ts';
import { pendingReviews } from '../../../cli/reviews/pending-reviews.ts';
import { readRequests, type ReviewOptions } from '../../../cli/reviews/read-requests.ts';

const NAME = { pipeline: 'demo', run: 'one' };
const FOLDER = 'runs/demo/one';

const WAITING: PendingReview[] = ['abc1', 'abc2', 'b:0', 'b:01'].map((id, ordinal) => ({
  node: ordinal === 3 ? 'other/check' : 'check', visit: '0', id, ordinal, show: { answer: `answer ${id}\nsecond line`, score: 3 }, instructions: 'Is it true?',
}));

async function waitingIn(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of pendingReviews(store, NAME)) ids.push(id);
  return ids;
}

describe('decisions on records that wait', () => {
  let store: Store;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-reviews-'));
    store = createFolderStore(folder);
    await store.write(pendingReviewsKey(FOLDER), WAITING.map((review) => `${JSON.stringify(review)}\n`).join(''));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const decide = (options: ReviewOptions): Promise<Map<string, number>> =>
    decideReviews({ store, name: NAME, requests: readRequests(options), node: options.node ?? null, comment: options.comment ?? null, reviewer: 'ann' });
  const decisions = async (): Promise<(string | undefined)[]> =>
    Promise.all(WAITING.map(async (review) => (await readReviewDecision(store, reviewDecisionKey(FOLDER, review)))?.decision));
  const waiting = (): Promise<string[]> => waitingIn(store);

  it('are written where the run finds them, with who and when', async () => {
    assert.deepEqual([...(await decide({ approve: ['abc1'], reject: ['b:01'], comment: 'no' }))], [['check', 1], ['other/check', 1]]);
    assert.deepEqual(await decisions(), ['approve', undefined, undefined, 'reject']);
    const { at, ...rest } = (await readReviewDecision(store, reviewDecisionKey(FOLDER, WAITING[3]!)))!;
    assert.deepEqual(rest, { decision: 'reject', edit: null, comment: 'no', reviewer: 'ann' });
    assert.ok(!Number.isNaN(Date.parse(at)));
    assert.deepEqual(await waiting(), ['abc2', 'b:0']);
  });

  it('mean with "all" those that are not named otherwise', async () => {
    await decide({ approve: ['all'], reject: ['abc2'] });
    assert.deepEqual(await decisions(), ['approve', 'reject', 'approve', 'approve']);
    assert.deepEqual(await waiting(), []);
  });

  it('keep to a node', async () => {
    await decide({ approve: ['all'], node: 'other/check' });
    assert.deepEqual(await decisions(), [undefined, undefined, undefined, 'approve']);
  });

  it('may be changed until the run has taken them up', async () => {
    await decide({ approve: ['abc1'] });
    await decide({ reject: ['abc1'] });
    assert.equal((await decisions())[0], 'reject');
  });

  it('take the beginning of an id where it is enough, and an id as it is before', async () => {
    await decide({ approve: ['b:0'] });
    assert.deepEqual(await decisions(), [undefined, undefined, 'approve', undefined]);
    await assert.rejects(decide({ approve: ['abc'] }), { code: 'USAGE', message: '"abc" may be any of 2 records: abc1 at check, abc2 at check' });
  });

  it('are not written at all where one of the records does not wait', async () => {
    await assert.rejects(decide({ approve: ['abc1', 'zzz'] }), { code: 'USAGE', message: 'no record "zzz" waits for a review' });
    assert.deepEqual(await decisions(), [undefined, undefined, undefined, undefined]);
  });

  it('read edits as JSON, or as text', () => {
    assert.deepEqual(readRequests({ edit: ['1', 'a="x=y"', 'b=plain text', 'c={"d":[1]}', 'e='] }), [
      { decision: 'edit', id: '1', edit: { a: 'x=y', b: 'plain text', c: { d: [1] }, e: '' } },
    ]);
  });

  for (const [options, message] of [
    [{ approve: ['1'], reject: ['1'] }, /"1" is decided on twice/],
    [{ approve: ['all'], reject: ['all'] }, /"all" is decided on twice/],
    [{ edit: ['a=1'] }, /names no record/],
    [{ edit: ['1'] }, /nothing to change/],
    [{ edit: ['1', 'a'] }, /is no key=value/],
  ] as [ReviewOptions, RegExp][]) {
    it(`are refused: ${JSON.stringify(options)}`, () => assert.throws(() => readRequests(options), { code: 'USAGE', message }));
  }

  it('are asked for with what is to be seen, harmless for a terminal', () => {
    const lines = renderPendingReviews([{ ...WAITING[0]!, show: { answer: 'one\ntwo', title: '\u001b[31mred' } }], pc.createColors(false));
    assert.deepEqual(lines, ['check', '  Is it true?', '  abc1', '    answer:', '      one', '      two', '    title: ·[31mred']);
  });
});

describe('a run without reviews', () => {
  it('has no records that wait', async () => {
    assert.deepEqual(await waitingIn(createFolderStore('/nonexistent')), []);
  });
});
