import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import picocolors from 'picocolors';
import { readMetadata } from '../../../../cli/runs/read-metadata.ts';
import { reportLines } from '../../../../cli/render/report/report-lines.ts';
import { reportPage } from '../../../../cli/render/report/report-page.ts';
import { findRecord } from '../../../../cli/show/find-record.ts';
import { traceRecord } from '../../../../cli/show/trace-record.ts';
import { loadPlan } from '../../../../activities/planning/load-plan.ts';
import type { RunDescription } from '../../../../activities/run/run-files.ts';
import { readJson } from '../../../../activities/store/read-json.ts';
import { startFakeModel, type FakeModelServer } from '../../../../fake-model/start-fake-model.ts';
import type { RunMetadata } from '../../../../pipeline/metrics/run-metadata.ts';
import { startEngine, type Engine } from '../../../support/engine.ts';
import { runTask, type FinishedTask, type TaskFiles } from '../../../support/run-task.ts';

let engine: Engine;
let model: FakeModelServer;

const MODELS = `
writer: {model_type: openai, model: gpt-4o-mini, parameters: {temperature: 0.5}}
judge: {model_type: vllm, model: my-model, price: {input: 1, output: 2, cached: 0.5}}
nobody: {model_type: vllm, model: other-model}
`;

function pipeline(source: string, more: { judge?: string; samples?: string } = {}): string {
  return `
data_config:
  id_column: id
  source: {type: disk, file_path: ${source}, file_format: jsonl}
graph_config:
  nodes:
    draft:
      node_type: llm
      model: writer
      prompt: [{user: "Write about {topic}"}]
      output_keys: text
${more.samples ?? ''}
    check:
      node_type: llm
      model: ${more.judge ?? 'judge'}
      prompt: [{user: "Check {text}"}]
      output_keys: verdict
  edges:
    - {from: START, to: draft}
    - {from: draft, to: check}
    - {from: check, to: END}
output_config:
  provenance: true
  output_map:
    id: {from: id}
    verdict: {from: verdict}
`;
}

before(async () => {
  model = await startFakeModel({ script: { rules: [{ match: 'BAD', behaviour: 400 }, { match: 'topic 3$', behaviour: 500, times: 2 }], answer: { words: 8 } } });
  engine = await startEngine({ SYGRA_WRITER_URL: model.url, SYGRA_JUDGE_URL: model.url, SYGRA_NOBODY_URL: model.url, SYGRA_WRITER_TOKEN: 'key' });
  const rows = Array.from({ length: 12 }, (_, index) => ({ id: `r${index}`, topic: index === 7 ? 'BAD <b>topic</b>' : `topic ${index}` }));
  await writeFile(join(engine.folder, 'in.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});

after(async () => {
  await engine.close();
  await model.close();
});

async function run(yaml: string, input: TaskFiles['input'] = {}): Promise<FinishedTask & { metadata: RunMetadata; name: { pipeline: string; run: string } }> {
  const finished = await runTask(engine, { yaml, files: { 'models.yaml': MODELS }, input: { batchSize: 5, ...input } });
  const [name = '', id = ''] = finished.id.split('/');
  const metadata = await readMetadata(engine.store, { pipeline: name, run: id });
  assert.ok(metadata !== null);
  return { ...finished, metadata, name: { pipeline: name, run: id } };
}

const source = (): string => join(engine.folder, 'in.jsonl');

test('metadata count every call, token, failure and dollar of the run, and lie beside its output', async () => {
  const { summary, metadata } = await run(pipeline(source()));
  assert.deepEqual([summary.counts.written, summary.counts.failed], [11, 1]);
  const { aggregate_statistics: all, models, nodes, execution, dataset } = metadata;
  assert.deepEqual([all.records.total_processed, all.records.total_failed, all.records.rows], [12, 1, 11]);
  assert.deepEqual(all.response_code_distribution, { 200: 22, 400: 1, 500: 2 });
  assert.deepEqual([all.requests.total_requests, all.requests.total_failures, all.requests.total_retries], [25, 3, 2]);
  assert.deepEqual([nodes['draft']?.total_failures, nodes['draft']?.failures_by_type], [1, { MODEL_REJECTED: 1 }]);
  assert.deepEqual([nodes['draft']?.records_to, nodes['check']?.records_to, metadata.start], [{ check: 11 }, { END: 11 }, { draft: 12 }]);
  assert.equal(models['writer']?.performance.latency_statistics.count, 11);
  const { total_prompt_tokens: prompt, total_completion_tokens: completion } = models['writer'].token_statistics;
  assert.ok(Math.abs(models['writer'].cost.total_cost_usd! - (prompt * 0.15 + completion * 0.6) / 1e6) < 1e-8);
  const judged = models['judge']!.token_statistics;
  assert.ok(Math.abs(models['judge']!.cost.total_cost_usd! - (judged.total_prompt_tokens + 2 * judged.total_completion_tokens) / 1e6) < 1e-8);
  assert.equal(Object.values(models['writer'].answered_by).reduce((sum, count) => sum + count, 0), 11);
  assert.deepEqual([dataset.source_type, dataset.source_path, dataset.dataset_hash?.length], ['disk', source(), 64]);
  assert.match(execution.plan_hash, /^[0-9a-f]{64}$/);
  const beside = JSON.parse(await readFile(summary.output!.replace('.jsonl', '.metadata.json'), 'utf8')) as RunMetadata;
  assert.deepEqual(beside, metadata);
  const lines = reportLines(metadata, picocolors.createColors(false)).join('\n');
  assert.match(lines, /model +calls +failed +retried +reused .*\nwriter +11 +3 +2 +0 /);
  assert.match(lines, /node +records +failed +calls +retried +reused .*\ndraft +12 +1 +11 +2 +0 /);
});

test('a price that nobody knows is unknown, not nothing', async () => {
  const { metadata } = await run(pipeline(source(), { judge: 'nobody' }), { numRecords: 3 });
  const { cost } = metadata.aggregate_statistics;
  assert.deepEqual([cost.total_cost_usd, cost.models_without_price], [null, ['nobody']]);
  assert.ok(cost.known_cost_usd > 0);
  assert.match(reportLines(metadata, picocolors.createColors(false)).join('\n'), /cost: unknown; \$.* no price is known of nobody/);
});

test('answers of earlier runs are counted apart, with what they saved', async () => {
  const yaml = pipeline(source());
  const first = await run(yaml, { numRecords: 5 });
  const again = await engine.start(`${first.name.pipeline}/again`, { task: first.name.pipeline, output: join(engine.folder, 'again.jsonl'), numRecords: 5, metadata: false });
  assert.equal(again.counts.written, 5);
  const metadata = await readMetadata(engine.store, { pipeline: first.name.pipeline, run: 'again' });
  const { requests, cost, reused_from } = metadata!.aggregate_statistics;
  assert.deepEqual([requests.total_requests, requests.total_reused, reused_from], [0, 10, { run: 10 }]);
  assert.equal(cost.total_cost_usd, 0);
  assert.ok(Math.abs(cost.saved_cost_usd! - first.metadata.aggregate_statistics.cost.total_cost_usd!) < 1e-7);
  await assert.rejects(readFile(join(engine.folder, 'again.metadata.json')), { code: 'ENOENT' });
});

test('rows say where they come from, also those of records that became several', async () => {
  const { rows, name } = await run(pipeline(source(), { samples: '      samples: 2\n      samples_as: rows' }), { numRecords: 2 });
  const provenance = rows.map((row) => row['provenance'] as Record<string, unknown>);
  assert.deepEqual(provenance.map(({ record }) => record), ['r0:0', 'r0:1', 'r1:0', 'r1:1']);
  assert.deepEqual(provenance[1]?.['parents'], ['r0']);
  assert.deepEqual(Object.keys(provenance[1]?.['models'] as object), ['writer', 'judge']);
  assert.equal(provenance[1]?.['run'], `${name.pipeline}/${name.run}`);
  const calls = provenance[1]?.['calls'] as { node: string; prompt_hash: string }[];
  assert.equal(calls.at(-1)?.node, 'check');
  assert.ok(calls.every(({ prompt_hash: hash }) => /^[0-9a-f]{32}$/.test(hash)));
});

test('every step of a record is shown with prompt and answer, and a child knows its parent', async () => {
  const { name } = await run(pipeline(source(), { samples: '      samples: 2\n      samples_as: rows' }), { numRecords: 2 });
  const folder = `runs/${name.pipeline}/${name.run}`;
  const { reference } = (await readJson<RunDescription>(engine.store, `${folder}/run.json`))!;
  const plan = await loadPlan(engine.store, reference.planHash);
  const found = await findRecord(engine.store, folder, 'r1:1');
  const shown = await traceRecord({ store: engine.store, plan, run: name.run, found: found!, asked: 'r1:1' });
  assert.deepEqual([shown.parents, shown.children], [['r1'], []]);
  assert.deepEqual(shown.steps.map(({ node, id }) => [node, id]), [['draft', 'r1'], ['check', 'r1:1']]);
  assert.deepEqual(shown.steps[0]?.prompt, [{ role: 'user', text: 'Write about topic 1' }]);
  assert.equal(shown.steps[0]?.children.length, 2);
  assert.equal(shown.steps[1]?.answers[0]?.message?.content, shown.steps[1]?.change?.set['verdict']);
  assert.equal(await findRecord(engine.store, folder, 'r99'), null);
});

test('the page of a report holds its figures, and escapes what comes from the data', async () => {
  const { metadata } = await run(pipeline(source()));
  const hostile = { ...metadata, execution: { ...metadata.execution, task_name: '<script>alert(1)</script>' } };
  const page = reportPage(hostile);
  assert.ok(!page.includes('<script>alert'));
  for (const title of ['Flow of records', 'Latency', 'Tokens and cost', 'Failures']) assert.ok(page.includes(title), title);
  assert.ok(page.includes('draft: MODEL_REJECTED'));
});
