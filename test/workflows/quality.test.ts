import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startEngine, type Engine } from '../support/engine.ts';
import { runTask } from '../support/run-task.ts';

let engine: Engine;

before(async () => {
  engine = await startEngine();
});
after(() => engine.close());

const FUNCTIONS = `
const WORDS = 'why a river bends around old hills and slowly carries sand towards the wide grey sea'.split(' ');
export const talk = (config, state) => ({
  messages: [
    { role: 'user', content: 'Please explain in plain words why a river bends so often on its long way.' },
    { role: 'assistant', content: state.id % 4 === 0 ? 'la la la '.repeat(60) : 'A river bends because ' + WORDS.join(' ') + '.' },
  ],
});
`;

const YAML = `
graph_config:
  nodes:
    talk: { node_type: lambda, lambda: './functions.ts#talk', output_keys: [messages] }
  edges:
    - { from: START, to: talk }
    - { from: talk, to: END }
output_config:
  output_map: { id: { from: id }, messages: { from: messages } }
  data_quality: { tasks: [{ name: lexical_diversity }, { name: metadata_tagging }] }
`;

test('tags what a run has written by a workflow of its own, and parts what the rules reject', async () => {
  const { id, summary, rows } = await runTask(engine, { yaml: YAML, files: { 'functions.ts': FUNCTIONS }, input: { numRecords: 12 } });
  assert.equal(rows.length, 12, 'the output itself stays as it is');
  assert.ok(summary.quality);
  const { workflowId, output } = summary.quality;
  assert.equal((await engine.client.workflow.getHandle(workflowId).describe()).type, 'quality');
  assert.equal(workflowId, `quality-${id}`);
  const tagged = await lines(output ?? '');
  assert.deepEqual(tagged.map((row) => row.id), [1, 2, 3, 5, 6, 7, 9, 10, 11]);
  assert.deepEqual(Object.keys(tagged[0]?.metadata.quality_characteristics.heuristic_based ?? {}).includes('lexical_richness'), true);
  const rejected = await lines((output ?? '').replace(/\.jsonl$/, '.rejected.jsonl'));
  assert.deepEqual(rejected.map((row) => row.id), [0, 4, 8]);
  assert.match(JSON.stringify(rejected[0]?.metadata), /lexical_diversity/);
});

interface Tagged {
  id: number;
  metadata: { quality_characteristics: { heuristic_based: Record<string, unknown> } };
}

async function lines(path: string): Promise<Tagged[]> {
  return (await readFile(path, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Tagged);
}
