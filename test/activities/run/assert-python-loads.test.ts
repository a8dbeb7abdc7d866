import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { workflowFailure } from '../../../cli/runs/workflow-failure.ts';
import { startEngine } from '../../support/engine.ts';
import { runTask, startTask } from '../../support/run-task.ts';

const engine = await startEngine({ ...process.env });
after(() => engine.close());

const YAML = `
graph_config:
  nodes:
    count: { node_type: lambda, lambda: './helpers.py#count', output_keys: [count] }
  edges:
    - { from: START, to: count }
    - { from: count, to: END }
`;

const COUNT = 'def count(config, state):\n    return {"count": 1}\n';

test('a Python module that throws when it is imported stops the run before it begins, with the place of the fault', async () => {
  const files = { 'helpers.py': `from .tables import TABLE\n\n${COUNT}`, 'tables.py': 'TABLE = {}\nTABLE["rates"] = TABLE["missing"]\n' };
  const { id, result } = await startTask(engine, { yaml: YAML, files, input: { numRecords: 3 } });
  const error = await result.then(() => assert.fail('it ran'), workflowFailure) as Error & { code: string };
  assert.equal(error.code, 'FUNCTION_FAILED');
  assert.match(error.message, /the Python module .*helpers\.py cannot be imported: KeyError: 'missing' \(.*tables\.py:2\)$/);
  assert.deepEqual(await engine.store.list(`runs/${id}`), []);
});

test('one that can be imported runs as ever', async () => {
  const { rows } = await runTask(engine, { yaml: YAML, files: { 'helpers.py': COUNT }, input: { numRecords: 3 } });
  assert.deepEqual(rows.map(({ count }) => count), [1, 1, 1]);
});
