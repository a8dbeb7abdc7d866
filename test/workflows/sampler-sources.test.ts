import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FakeHub } from '../activities/data/fake-hub.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { runTask } from '../support/run-task.ts';

const hub = new FakeHub();
let engine: Engine;

before(async () => {
  engine = await startEngine({ HF_ENDPOINT: await hub.start() });
  hub.put('me/moods', { 'train.jsonl': '{"good": "glad", "bad": "sad"}\n{"good": "calm", "bad": "cross"}\n' });
});
after(async () => {
  await engine.close();
  hub.stop();
});

const YAML = `graph_config:
  nodes:
    draw:
      node_type: weighted_sampler
      attributes:
        one: { values: { column: good, source: { type: hf, repo_id: me/moods } } }
        either: { values: { column: [good, bad], source: { type: hf, repo_id: me/moods } } }
        height: { sampler: gaussian, mean: 170, stddev: 10 }
        customer: { sampler: person, fields: [first_name, email] }
  edges:
    - { from: START, to: draw }
    - { from: draw, to: END }
`;

test('a sampler reads columns of a dataset on the Hub, and draws the same whatever the size of batches', async () => {
  const { rows } = await runTask(engine, { yaml: YAML, input: { numRecords: 30, batchSize: 10, seed: 5 } });
  assert.deepEqual(rows.slice(0, 4).map((row) => row['one']), ['glad', 'calm', 'glad', 'calm']);
  const seen = [...new Set(rows.map((row) => row['either']))].sort();
  assert.deepEqual(seen, ['calm', 'cross', 'glad', 'sad']);
  assert.ok(rows.every((row, index) => (index % 2 === 0 ? ['glad', 'sad'] : ['calm', 'cross']).includes(row['either'] as string)));
  const other = await runTask(engine, { yaml: YAML, input: { numRecords: 30, batchSize: 7, seed: 5 } });
  assert.deepEqual(other.rows, rows);
  const reseeded = await runTask(engine, { yaml: YAML, input: { numRecords: 30, batchSize: 7, seed: 6 } });
  assert.notDeepEqual(reseeded.rows, rows);
});
