import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createFunctionHost } from '../../../../activities/functions/create-function-host.ts';
import type { FunctionHost } from '../../../../activities/functions/function-host.ts';
import type { JsonValue } from '../../../../pipeline/json.ts';
import { makePythonTask, type PythonTask } from './python-task.ts';

const CODE = `
from sygra.core.eval.metrics.aggregator_metrics.aggregator_metric_registry import AggregatorMetricRegistry
from sygra.core.eval.metrics.unit_metrics.unit_metric_registry import UnitMetricRegistry
from sygra.core.eval.metrics.unit_metrics.unit_metric_result import UnitMetricResult

def judge(name, config, golden, predicted):
    return [result.correct for result in UnitMetricRegistry.get_metric(name, **config).evaluate(golden, predicted)]

def aggregate(name, config, results):
    return AggregatorMetricRegistry.get_metric(name, **config).calculate([UnitMetricResult.from_dict(result) for result in results])
`;

describe('the metrics that evaluation tasks name', () => {
  let made: PythonTask;
  let host: FunctionHost;
  before(async () => {
    made = await makePythonTask({ 'tasks/demo/task_executor.py': CODE });
    host = createFunctionHost({ pythonProcesses: 1 });
  });
  after(async () => {
    await host.close();
    await made.task.remove();
  });

  async function callOne(name: string, argumentList: JsonValue[]): Promise<JsonValue> {
    const [outcome] = await host.callEach({ bundlePath: '', python: made.code, function: `task_executor.py#${name}` }, [argumentList]);
    assert.ok(outcome?.ok, JSON.stringify(outcome));
    return outcome.value;
  }
  const texts = (...values: string[]): JsonValue => values.map((text) => ({ text }));
  const box = { bbox: { x: 10, y: 10, width: 5, height: 5 } };

  for (const { name, config, golden, predicted, expected } of [
    { name: 'exact_match', config: { key: 'text' }, golden: texts('A  b', 'x'), predicted: texts('a b', 'y'), expected: [true, false] },
    { name: 'exact_match', config: { key: 'text', case_sensitive: true }, golden: texts('A'), predicted: texts('a'), expected: [false] },
    { name: 'fuzzy_match', config: { key: 'text', threshold: 0.8 }, golden: texts('colour', 'colour'), predicted: texts('color', 'shape'), expected: [true, false] },
    { name: 'typed_value_match', config: {}, golden: texts('Hello there'), predicted: texts('hello  there!'), expected: [true] },
    { name: 'action_within_bbox', config: {}, golden: [box, box, box], predicted: [{ x: 15, y: 10 }, { x: 16, y: 10 }, {}], expected: [true, false, false] },
    { name: 'scroll_direction', config: {}, golden: [{ direction: 'up' }, { direction: 'no' }], predicted: [{ direction: 'up' }, { direction: 'no' }], expected: [true, false] },
    { name: 'scroll_amount', config: {}, golden: [{ amount: 100 }, { amount: 100 }], predicted: [{ amount: 119 }, { amount: 121 }], expected: [true, false] },
  ]) {
    it(`judges by ${name} ${JSON.stringify(config)}`, async () => {
      assert.deepEqual(await callOne('judge', [name, config, golden, predicted]), expected);
    });
  }

  const results = [
    ['a', 'a', true, 0],
    ['b', 'a', false, 0],
    ['b', 'b', true, 1],
    ['b', 'b', true, 2],
  ].map(([golden, predicted, correct, retry]) => ({ correct, golden: { k: golden }, predicted: { k: predicted }, metadata: { mission_id: 'm', step_id: golden, retry_id: `retry_${String(retry)}` } })) as JsonValue[];
  for (const { name, config, expected } of [
    { name: 'accuracy', config: {}, expected: { accuracy: 0.75 } },
    { name: 'precision', config: { predicted_key: 'k' }, expected: { average_precision: 0.75, precision_per_class: { a: 0.5, b: 1 } } },
    { name: 'recall', config: { golden_key: 'k' }, expected: { average_recall: (1 + 2 / 3) / 2, recall_per_class: { a: 1, b: 2 / 3 } } },
    { name: 'pass@k', config: { k: 2 }, expected: { 'pass@1': 0.75, 'pass@2': 1 } },
    { name: 'pass^k', config: { k: 2 }, expected: { success_rate: 0.75, 'pass^1': 0.75, 'pass^2': 0.5625 } },
    {
      name: 'step_efficiency',
      config: {},
      expected: { step_efficiency: 0.9, total_steps: 2, first_attempt_correct: 1, retry_correct: 1, never_correct: 0, avg_retries_when_correct: 0.5 },
    },
  ]) {
    it(`sums up by ${name}`, async () => {
      assert.deepEqual(await callOne('aggregate', [name, config, results]), expected);
    });
  }

  it('takes the harmonic mean of precision and recall', async () => {
    const figures = (await callOne('aggregate', ['f1_score', { predicted_key: 'k', golden_key: 'k' }, results])) as { average_f1_score: number };
    assert.ok(Math.abs(figures.average_f1_score - (2 * 0.75 * (5 / 6)) / (0.75 + 5 / 6)) < 1e-12);
  });
});
