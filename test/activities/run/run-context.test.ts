import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { createModelGateway } from '../../../activities/models/create-model-gateway.ts';
import { planTask } from '../../../activities/planning/plan-task.ts';
import { createRunContexts } from '../../../activities/run/run-context.ts';
import type { LiveCounters } from '../../../activities/run/run-files.ts';
import { openStore } from '../../../activities/store/open-store.ts';
import { readJson } from '../../../activities/store/read-json.ts';
import type { RunReference } from '../../../pipeline/run-contract.ts';

const folder = await mkdtemp(join(tmpdir(), 'syngraph-contexts-'));
const gateway = createModelGateway({ environment: () => ({}) });
const store = openStore(join(folder, 'store'), { localFolder: join(folder, 'store') });
// Of what a worker has, opening a run needs no more.
const dependencies = { store, gateway, workerName: 'one' } as ActivityDependencies;
after(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

const YAML = `
graph_config:
  nodes:
    ask: { node_type: llm, model: { name: writer }, prompt: [{ user: "Say something" }], output_keys: said }
  edges:
    - { from: START, to: ask }
    - { from: ask, to: END }
`;

await mkdir(join(folder, 'quiz'));
await writeFile(join(folder, 'quiz/graph_config.yaml'), YAML);
await writeFile(join(folder, 'quiz/models.yaml'), 'writer: { model_type: openai, model: fake }\n');
const { planHash, diagnostics } = await planTask({ task: 'quiz', store, workingDirectory: folder, environment: {} });
assert.ok(planHash !== null, JSON.stringify(diagnostics));

const reference = (run: string): RunReference => ({ pipeline: 'quiz', run, planHash });
const RUNS = Array.from({ length: 40 }, (_, number) => `other-${number}`);
for (const run of ['first', 'busy', ...RUNS]) await store.write(`runs/quiz/${run}/run.json`, JSON.stringify({ reference: reference(run), failureShare: 0.5 }));

const countersOf = (run: string): Promise<LiveCounters | null> => readJson<LiveCounters>(store, `runs/quiz/${run}/live/one.json`);

test('what a run has spent and done survives that its worker serves many other runs in between', async () => {
  const contextOf = createRunContexts(dependencies);
  const first = await contextOf(reference('first'));
  first.live.add('ask', { calls: 3, promptTokens: 30 });
  first.steering.notePaid({ tokens: 30, cost: 1.5 });
  for (const run of RUNS) await contextOf(reference(run));
  const again = await contextOf(reference('first'));
  assert.notEqual(again, first);
  assert.deepEqual(again.steering.paid, { calls: 1, tokens: 30, cost: 1.5 });
  again.live.add('ask', { calls: 1, promptTokens: 10 });
  again.steering.notePaid({ tokens: 10, cost: 0.5 });
  await first.live.flush();
  await again.live.flush();
  const counters = await countersOf('first');
  assert.deepEqual(counters?.paid, { calls: 2, tokens: 40, cost: 2 });
  assert.deepEqual([counters.nodes.ask?.calls, counters.nodes.ask?.promptTokens], [4, 40]);
});

test('a run that is at work stays known, however many others come', async () => {
  const contextOf = createRunContexts(dependencies);
  const busy = await contextOf(reference('busy'));
  await busy.steering.during(async () => {
    for (const run of RUNS) await contextOf(reference(run));
    assert.equal(await contextOf(reference('busy')), busy);
  });
});

test('a run whose counters cannot be written stays known until they can', async () => {
  const write = store.write.bind(store);
  store.write = (key, content) => (key.includes('/live/') ? Promise.reject(new Error('no room')) : write(key, content));
  const contextOf = createRunContexts({ ...dependencies, workerName: 'two' });
  const first = await contextOf(reference('first'));
  first.steering.notePaid({ tokens: 7, cost: null });
  for (const run of RUNS) await contextOf(reference(run));
  assert.equal((await contextOf(reference('first'))).steering.paid.tokens, 7);
  store.write = write;
  for (const run of RUNS) await contextOf(reference(run));
  assert.equal((await contextOf(reference('first'))).steering.paid.tokens, 7);
});
