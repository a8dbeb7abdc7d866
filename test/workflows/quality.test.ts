import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import type { RunProgress } from '../../pipeline/run-contract.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { runTask, startTask, type StartedTask } from '../support/run-task.ts';
import { until } from '../support/until.ts';

let model: FakeModelServer;
let engine: Engine;

before(async () => {
  model = await startFakeModel();
  engine = await startEngine({ SYGRA_JUDGE_URL: model.url });
});
after(async () => {
  await engine.close();
  await model.close();
});

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

const JUDGED = YAML.replace('[{ name: lexical_diversity }, { name: metadata_tagging }]', '[{ name: llm_based_quality, params: { model: judge } }]');

/** Starts a run whose tagging waits for somebody to mend its judge. */
async function startStuckTagging(): Promise<StartedTask & { tagging: string }> {
  model.control({ rules: [{ match: '', behaviour: 401 }] });
  const files = { 'functions.ts': FUNCTIONS, 'models.yaml': 'judge: { model_type: openai, model: judge }\n' };
  const started = await startTask(engine, { yaml: JUDGED, files, input: { numRecords: 4 } });
  const tagging = `quality-${started.id}`;
  await until(async () => (await progressOf(started.id)).tagging === tagging);
  await until(async () => (await progressOf(tagging)).pause?.code === 'MODEL_MISCONFIGURED');
  return { ...started, tagging };
}

const progressOf = (id: string): Promise<RunProgress> => engine.client.workflow.getHandle(id).query<RunProgress>('progress');

test('pausing and resuming a run whose output is being tagged pauses and resumes the tagging', async () => {
  const { id, tagging, result } = await startStuckTagging();
  const handle = engine.client.workflow.getHandle(id);
  const paused = await handle.executeUpdate<RunProgress, [object]>('pause', { args: [{ by: 'ann', reason: 'lunch' }] });
  assert.deepEqual([paused.status, paused.tagging], ['paused', tagging]);
  await until(async () => (await progressOf(tagging)).pause?.message === 'paused by ann: lunch');
  model.control({ rules: [{ match: '', answer: { text: 'no judgement' } }] });
  const resumed = await handle.executeUpdate<RunProgress, []>('resume');
  assert.deepEqual([resumed.status, resumed.pause], ['merging', null]);
  const { status, quality } = await result;
  assert.equal(status, 'done');
  assert.equal(quality?.workflowId, tagging);
  assert.equal(quality.counts?.total, 4);
});

test('a tagging that a fault has paused is resumed by its run', async () => {
  const { id, tagging, result } = await startStuckTagging();
  model.control({ rules: [{ match: '', answer: { text: 'no judgement' } }] });
  await engine.client.workflow.getHandle(id).executeUpdate('resume');
  assert.equal((await result).quality?.workflowId, tagging);
});

test('cancelling a run whose output is being tagged cancels the tagging, and leaves the run as it is', async () => {
  const { id, tagging, result } = await startStuckTagging();
  await engine.client.workflow.getHandle(id).cancel();
  const { status, counts, quality } = await result;
  assert.deepEqual([status, counts.written, quality], ['done', 4, { workflowId: tagging, output: null, status: 'cancelled' }]);
  assert.equal((await engine.client.workflow.getHandle(tagging).describe()).status.name, 'CANCELLED');
});
