import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FunctionHost } from '../../../activities/functions/function-host.ts';
import type { NodeOutcome, NodeWork } from '../../../activities/nodes/node-work.ts';
import { runFanOut } from '../../../activities/nodes/run-fan-out.ts';
import { runFilter } from '../../../activities/nodes/run-filter.ts';
import { runLambda } from '../../../activities/nodes/run-lambda.ts';
import { runReview } from '../../../activities/nodes/run-review.ts';
import { reviewDecisionKey } from '../../../activities/run/review-files.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import { parseWhere } from '../../../pipeline/parse-where.ts';
import type { FanOutNodePlan, FilterNodePlan, LambdaNodePlan, ReviewNodePlan } from '../../../pipeline/plan.ts';
import { nodeWorkOf } from './node-work-of.ts';

const BASE = { name: 'node', route: { always: [-1], conditions: [] }, writes: [] };

/** Outcomes in short: changes as they are, failures as code and message. */
function short(outcomes: NodeOutcome[]): unknown[] {
  return outcomes.map((outcome) => {
    if (outcome.kind === 'changed') return outcome.change.set;
    if (outcome.kind === 'split') return outcome.children.map(({ set }) => set);
    return outcome.kind === 'failed' ? `${outcome.failure.code}: ${outcome.failure.message}` : outcome.kind;
  });
}

/** A host whose function answers as it is told, record by record. */
function answering(work: NodeWork, answers: JsonValue[]): NodeWork {
  const functions = { callEach: async () => answers.map((value) => ({ ok: true, value })) } as unknown as FunctionHost;
  return { ...work, run: { ...work.run, bundlePath: '/bundle.mjs' }, dependencies: { ...work.dependencies, functions } };
}

const statesOf = (...states: JsonObject[]): NodeWork => nodeWorkOf({ records: states.map((state) => ({ state })) });

describe('fan_out', () => {
  const node: FanOutNodePlan = { kind: 'fan_out', ...BASE, items: 'answer.list', as: 'item', indexKey: 'number' };

  it('makes a record of each item, with its number, and none of an empty list', () => {
    const outcomes = runFanOut(node, statesOf({ answer: { list: ['a', { b: 1 }] } }, { answer: { list: [] } }, { 'answer.list': [null] }));
    assert.deepEqual(short(outcomes), [[{ item: 'a', number: 0 }, { item: { b: 1 }, number: 1 }], [], [{ item: null, number: 0 }]]);
  });

  it('fails a record whose list is none, is missing or has no end', () => {
    const outcomes = runFanOut(node, statesOf({ answer: { list: 'a' } }, { answer: null }, { answer: { list: Array.from({ length: 10_001 }, () => 0) } }));
    assert.deepEqual(short(outcomes), [
      'ITEMS_INVALID: fan_out wants a list under answer.list and finds a string',
      'ITEMS_INVALID: fan_out wants a list under answer.list and finds nothing',
      'ITEMS_INVALID: the list under answer.list has 10001 items; a record is split into 1000 at most',
    ]);
  });
});

describe('filter', () => {
  it('keeps the records that meet its condition as they are', async () => {
    const where = { kind: 'expression', expression: parseWhere('judge.score >= 4').expression! } as const;
    const node: FilterNodePlan = { kind: 'filter', ...BASE, where };
    assert.deepEqual(short(await runFilter(node, statesOf({ judge: { score: 4 } }, { judge: { score: 3 } }, {}))), [{}, 'filtered', 'filtered']);
  });

  it('asks a function, which answers true or false and nothing else', async () => {
    const node: FilterNodePlan = { kind: 'filter', ...BASE, where: { kind: 'function', function: 'f.ts#good' } };
    const outcomes = await runFilter(node, answering(statesOf({}, {}, {}), [true, false, 'yes']));
    assert.deepEqual(short(outcomes), [{}, 'filtered', 'FUNCTION_FAILED: f.ts#good answered "yes"; a filter answers true or false']);
  });
});

describe('lambda with rows', () => {
  const node: LambdaNodePlan = { kind: 'lambda', ...BASE, function: 'f.ts#parts', config: {}, rows: true };

  it('makes a record of each state that it returns: changed keys only', async () => {
    const outcomes = await runLambda(node, answering(statesOf({ a: 1 }, {}, {}), [[{ a: 1, b: 2 }, { a: 3 }], [], null]));
    assert.deepEqual(short(outcomes), [[{ b: 2 }, { a: 3 }], [], []]);
  });

  it('fails a record for which it returns anything else', async () => {
    const outcomes = await runLambda(node, answering(statesOf({}, {}), [{ a: 1 }, [{ a: 1 }, 2]]));
    assert.deepEqual(short(outcomes), [
      'FUNCTION_FAILED: f.ts#parts returned an object; a lambda with rows: true returns a list of states, or nothing',
      'FUNCTION_FAILED: f.ts#parts returned a number among its states; a lambda with rows: true returns a list of states, or nothing',
    ]);
  });
});

describe('human_review', () => {
  const node: ReviewNodePlan = { kind: 'human_review', ...BASE, show: null, edit: ['answer'], instructions: null, onReject: 'fail', decisionKey: 'review' };
  let storeFolder: string;
  before(async () => {
    storeFolder = await mkdtemp(join(tmpdir(), 'syngraph-review-'));
  });
  after(() => rm(storeFolder, { recursive: true }));

  async function decided(decision: JsonObject, settings: Partial<ReviewNodePlan> = {}): Promise<unknown> {
    const key = reviewDecisionKey('runs/demo/one', { node: 'node', visit: '1/0', id: 'r0' });
    await createFolderStore(storeFolder).write(key, JSON.stringify({ edit: null, comment: null, reviewer: null, at: '2026-01-01T00:00:00Z', ...decision }));
    const work = nodeWorkOf({ storeFolder, records: [{ state: { answer: 'old', secret: 'old' }, visit: '1/0' }] });
    return short(await runReview({ ...node, ...settings }, work))[0];
  }

  it('goes on with what was approved, and tells by whom', async () => {
    assert.deepEqual(await decided({ decision: 'approve', reviewer: 'ann' }), { review: { decision: 'approve', comment: null, reviewer: 'ann' } });
  });

  it('takes edits of the keys that may be edited, and of no others', async () => {
    const edit = { answer: 'new', secret: 'new', review: 'new' };
    assert.deepEqual(await decided({ decision: 'edit', edit, comment: 'c' }), { answer: 'new', review: { decision: 'edit', comment: 'c', reviewer: null } });
  });

  it('fails, filters or goes on with what was rejected', async () => {
    const reject = { decision: 'reject', comment: 'too short', reviewer: 'ann' };
    assert.equal(await decided(reject), 'REVIEW_REJECTED: rejected by ann: too short');
    assert.equal(await decided(reject, { onReject: 'filter' }), 'filtered');
    assert.deepEqual(await decided(reject, { onReject: 'continue' }), { review: { decision: 'reject', comment: 'too short', reviewer: 'ann' } });
  });

  it('stops where a decision is missing or is none', async () => {
    const missing = runReview(node, nodeWorkOf({ storeFolder, records: [{ state: {}, visit: 7 }] }));
    await assert.rejects(missing, { code: 'STORE_INVALID', message: /lacks the decision on record r0 at node/ });
    for (const wrong of [{ decision: 'maybe' }, { decision: 'edit' }, { decision: 'reject', comment: 3 }]) {
      await assert.rejects(decided(wrong), { code: 'STORE_INVALID', message: /holds no decision/ });
    }
  });
});
