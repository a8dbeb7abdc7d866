import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateRun, type EstimateInput, type Sample } from '../../../cli/estimate/estimate-run.ts';
import { renderEstimate } from '../../../cli/estimate/render-estimate.ts';
import type { Plan } from '../../../pipeline/plan.ts';
import { emptyStatistics, type NodeStatistics } from '../../../pipeline/run-statistics.ts';
import { modelPlanOf } from '../../activities/models/model-plan-of.ts';

const statistics = (more: Partial<NodeStatistics>): NodeStatistics => ({ ...emptyStatistics(), records: 5, ...more });

/** Groups of five records with one call each, which cost as given. */
const sample = (costs: (number | null)[], seconds: number, more: Partial<NodeStatistics> = {}): Sample => ({
  records: 5 * costs.length,
  seconds,
  groups: costs.map((cost) => [statistics({ calls: 5, promptTokens: 50, completionTokens: 50, cost, ...more })]),
});

const nodes = [{ kind: 'llm', name: 'ask', model: 'writer' }] as unknown as Plan['nodes'];

const input = (more: Partial<EstimateInput> = {}): EstimateInput => ({
  plan: { nodes, models: { writer: { ...modelPlanOf(), name: 'writer' } } },
  small: sample([5, 5], 3), large: sample([5, 5, 5, 5, 5, 5], 7),
  groupSize: 5, sampledConcurrency: 5, records: 1000, concurrency: 100, ...more,
});

test('equal groups make an estimate without error, and the larger sample tells the time a record', () => {
  const estimate = estimateRun(input());
  assert.deepEqual(estimate.calls, { value: 1000, error: 0 });
  assert.deepEqual(estimate.tokens, { value: 20_000, error: 0 });
  assert.deepEqual(estimate.cost, { value: 1000, error: 0 });
  // 0.2 s a record at 5 in flight, 0.01 at 100, after 1 s that do not depend on the number of records.
  assert.ok(Math.abs((estimate.seconds ?? 0) - 11) < 1e-9, String(estimate.seconds));
});

test('answers of earlier estimates cost what they have cost then', () => {
  const reused = (groups: number, seconds: number): Sample => ({ records: 5 * groups, seconds, groups: Array.from({ length: groups }, () => [{ ...statistics({ reused: 5 }), saved: 5 }]) });
  const { cost, seconds } = estimateRun(input({ small: reused(2, 3), large: reused(6, 7) }));
  assert.deepEqual(cost, { value: 1000, error: 0 });
  assert.equal(seconds, null);
});

test('answers by batches are estimated at half the price that the sample has paid, and their time is the provider’s', () => {
  const plan = { nodes, models: { writer: { ...modelPlanOf(), name: 'writer', batch: { pollSeconds: null } } } };
  const estimate = estimateRun(input({ plan }));
  assert.deepEqual([estimate.cost, estimate.tokens?.value, estimate.seconds], [{ value: 500, error: 0 }, 20_000, null]);
  const reused = (groups: number): Sample => ({ records: 5 * groups, seconds: 1, groups: Array.from({ length: groups }, () => [{ ...statistics({ reused: 5 }), saved: 2.5, isSavedByRuns: true }]) });
  assert.deepEqual(estimateRun(input({ plan, small: reused(2), large: reused(6) })).cost, { value: 500, error: 0 });
});

test('unequal groups widen the interval as Student’s distribution says', () => {
  const { cost } = estimateRun(input({ small: sample([0.5, 1.5], 3), large: sample([0.5, 1.5, 0.5, 1.5, 0.5, 1.5], 7) }));
  const deviation = Math.sqrt((8 * 0.1 ** 2) / 7);
  const expected = 2.365 * (deviation / Math.sqrt(8)) * 1000 * Math.sqrt(1 - 40 / 1000);
  assert.equal(cost?.value, 200);
  assert.ok(Math.abs((cost?.error ?? 0) - expected) < 1e-9);
});

test('a run of nothing but the sample has no error left', () => {
  assert.equal(estimateRun(input({ records: 40, small: sample([1, 2], 3) })).cost?.error, 0);
});

test('an unknown price is said to be unknown, with the model, and tokens are told all the same', () => {
  const estimate = estimateRun(input({ large: sample([null, null], 7), small: sample([null, null], 3) }));
  assert.equal(estimate.cost, null);
  assert.deepEqual(estimate.unknownPrices, ['writer']);
  assert.equal(estimate.tokens?.value, 20_000);
  assert.match(renderEstimate(estimate, { task: 'quiz', simulatedModels: [] }).join('\n'), /unknown: writer has no price/);
});

test('reused answers count like those that were paid for, and say nothing of the time', () => {
  const reused = sample([0, 0], 1, { calls: 0, reused: 5, promptTokens: 0, completionTokens: 0 });
  const estimate = estimateRun(input({ small: reused }));
  assert.equal(estimate.cost?.value, 1000);
  assert.equal(estimate.calls.value, 1000);
  assert.equal(estimate.seconds, null);
});

test('a sample of nothing but reused answers tells no cost', () => {
  const reused = sample([0, 0], 1, { calls: 0, reused: 5, promptTokens: 0, completionTokens: 0 });
  const estimate = estimateRun(input({ small: reused, large: reused }));
  assert.equal(estimate.cost, null);
  assert.match(renderEstimate(estimate, { task: 'quiz', simulatedModels: [] }).join('\n'), /--fresh asks again/);
});

test('a limit of the model may be what takes the time', () => {
  const plan = { nodes, models: { writer: { ...modelPlanOf(), name: 'writer', requestsPerMinute: 60 } } };
  const estimate = estimateRun(input({ plan }));
  assert.equal(estimate.seconds, 1000);
  assert.equal(estimate.limitedBy, '60 requests a minute of writer');
});
