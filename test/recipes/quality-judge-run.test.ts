import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { FakeModelScript } from '../../fake-model/script.ts';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { runTask } from '../support/run-task.ts';
import { judgementOf } from './judgement.ts';

const RECIPE = join(import.meta.dirname, '..', '..', 'recipes', 'quality_judge');
const TAGS = { instruction_tags: ['Facts'], difficulty: 2, explanation_question_quality: 'Clear.', question_quality_score: 4 };

/** Scores by what the judged conversation says. */
const SCRIPT: FakeModelScript = {
  rules: [
    { match: 'instruction_tags', answer: { json: TAGS } },
    { match: 'whose judge_category', answer: { json: { judge_category: 'reasoning' } } },
    { match: 'out of range|instruction_following', answer: { json: judgementOf(7) } },
    { match: 'Mars', answer: { json: judgementOf(5, { accuracy: 1 }) } },
    { match: 'once wrong', times: 1, answer: { text: 'I would say 4 of 5.' } },
    { match: '', answer: { json: judgementOf(4) } },
  ],
};

const SOURCE = 'data_config:\n  source: { type: disk, file_path: data.jsonl }\n  id_column: id\n';
const AS_SUBGRAPH = `${SOURCE}graph_config:
  nodes:
    judge_quality:
      node_type: subgraph
      subgraph: syngraph.recipes.quality_judge
      node_config_map:
        second_judge: { node_state: active, model: { name: other } }
        write_quality: { params: { sygra_metadata: true } }
  edges: [{ from: START, to: judge_quality }, { from: judge_quality, to: END }]
graph_post_process:
  - processor: syngraph.recipes.quality_judge.task_executor.JudgeAgreement
output_config:
  output_map: { id: { from: id }, metadata: { from: metadata }, sygra: { from: data_quality_metadata } }
`;

const talk = (id: string, request: string, answer: string): object => ({ id, messages: [{ from: 'human', value: request }, { from: 'gpt', value: answer }] });
const lines = (records: object[]): Record<string, string> => ({ 'data.jsonl': records.map((record) => `${JSON.stringify(record)}\n`).join('') });

interface JudgedRow {
  id: string;
  metadata: { data_taxonomy: object; quality_characteristics: { LLM_based: Record<string, unknown> & { second_judge?: Record<string, unknown> } } };
  sygra?: { data_quality: { llm_based: { response_quality: object } } };
}

describe('quality_judge in a run', () => {
  let engine: Engine;
  let endpoint: FakeModelServer;
  let other: FakeModelServer;

  before(async () => {
    endpoint = await startFakeModel({ script: SCRIPT });
    other = await startFakeModel({ script: { answer: { json: { ...judgementOf(3) } } } });
    engine = await startEngine({ SYGRA_GPT_4O_URL: endpoint.url, SYGRA_OTHER_URL: other.url });
  });
  after(async () => {
    await engine.close();
    await Promise.all([endpoint.close(), other.close()]);
  });

  it('scores conversations of any layout, asks a model only for ambiguous categories, and compares two judges', async () => {
    const records = [
      talk('capital', 'What is the capital of Mongolia?', 'Ulaanbaatar.'),
      { id: 'moons', prompt: 'Which planet has no moon?', response: 'Mars has none.' },
      talk('unclear', 'Tell me something nice.', 'You did well today.'),
      { id: 'nothing', title: 'x' },
    ];
    const { summary, rows, failed } = await runTask(engine, { yaml: AS_SUBGRAPH, files: lines(records) });
    const judged = rows as unknown as JudgedRow[];
    assert.deepEqual(judged.map(({ id }) => id), ['capital', 'moons', 'unclear']);
    const found = judged.map(({ metadata }) => metadata.quality_characteristics.LLM_based);
    assert.deepEqual(found.map(({ category, category_by }) => [category, category_by]), [['open_qa', 'rules'], ['open_qa', 'rules'], ['reasoning', 'model']]);
    assert.deepEqual(found.map(({ accuracy, overall_score }) => [accuracy, overall_score]), [[4, 4], [1, 4.2], [4, 4]]);
    assert.ok(found.every(({ second_judge: second }) => second?.accuracy === 3));
    assert.deepEqual(judged[0]?.metadata.data_taxonomy, { category: 'open_qa', instruction_tags: ['Facts'], difficulty: 2 });
    assert.ok(judged.every(({ sygra }) => sygra !== undefined && 'overall_score' in sygra.data_quality.llm_based.response_quality));
    assert.deepEqual(failed.map(({ id, node }) => [id, node]), [['nothing', 'judge_quality/find_category']]);
    assert.match(failed[0]!.message, /no conversation was found in this record.*looked for a list of messages in conversation/s);
    const report = JSON.parse(await readFile(join(dirname(summary.output!), 'JudgeAgreement_out.json'), 'utf8')) as { judged_twice: number; all: { kappa: number } };
    assert.equal(report.judged_twice, 3);
    assert.equal(report.all.kappa, 0);
  });

  it('repairs an answer that is no judgement, and fails a record whose scores stay off the scale', async () => {
    const records = [talk('mended', 'Why is ice slippery? once wrong', 'A film of water.'), talk('bad', 'Why is snow white?', 'It scatters all of the light, out of range.')];
    const { rows, failed } = await runTask(engine, { yaml: AS_SUBGRAPH, files: lines(records) });
    assert.deepEqual(rows.map(({ id }) => id), ['mended']);
    assert.deepEqual(failed.map(({ id, code }) => [id, code]), [['bad', 'ANSWER_INVALID']]);
    assert.match(failed[0]!.message, /instruction_following/);
  });

  it('runs as a task of its own from a copied folder, with a prompt that was changed', async () => {
    const copied: Record<string, string> = {};
    for (const entry of await readdir(RECIPE, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) copied[join(entry.parentPath, entry.name).slice(RECIPE.length + 1)] = await readFile(join(entry.parentPath, entry.name), 'utf8');
    }
    const { 'graph_config.yaml': graph, ...files } = copied;
    files['prompts/open-qa.ts'] = files['prompts/open-qa.ts']!.replace('a fact-checker of an encyclopedia', 'a geographer');
    const before = endpoint.stats().calls;
    const { rows, failed } = await runTask(engine, { yaml: `${SOURCE}${graph}`, files: { ...files, ...lines([talk('capital', 'What is the capital of Mongolia?', 'Ulaanbaatar.')]) } });
    assert.deepEqual(failed, []);
    assert.equal((rows[0] as unknown as JudgedRow).metadata.quality_characteristics.LLM_based.accuracy, 4);
    assert.ok(!('second_judge' in (rows[0] as unknown as JudgedRow).metadata.quality_characteristics.LLM_based));
    assert.equal(endpoint.stats().calls - before, 2);
  });
});
