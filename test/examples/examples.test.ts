import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { planTask } from '../../activities/planning/plan-task.ts';
import { createFolderStore } from '../../activities/store/folder-store.ts';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import type { FakeModelScript } from '../../fake-model/script.ts';
import { pipelineJsonSchema } from '../../pipeline/json-schema.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import type { ServerHandle } from '../../worker/server/server-handle.ts';
import { serverEnvironment, temporaryStore } from '../worker/temporary-store.ts';
import { runSyngraph } from './run-syngraph.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');

type Row = Record<string, unknown>;

interface FinishedRun {
  status: string;
  output: string;
  failedRecords: string | null;
  counts: { total: number; done: number; failed: number };
  modelCalls: number;
  rows: Row[];
}

describe('the schema file', () => {
  test('is what `syngraph schema` prints', async () => {
    const file = await readFile(join(ROOT, 'schema', 'pipeline.schema.json'), 'utf8');
    assert.deepEqual(JSON.parse(file), JSON.parse(JSON.stringify(pipelineJsonSchema())));
  });

  test('is named by the first line of every example', async () => {
    for (const name of await readdir(EXAMPLES)) {
      const [line] = (await readFile(join(EXAMPLES, name, 'graph_config.yaml'), 'utf8')).split('\n');
      assert.equal(line, '# yaml-language-server: $schema=../../schema/pipeline.schema.json', name);
    }
  });
});

const GOOD_ANSWER = { answer: 'It is so because of this and that, as you can try at home.', certainty: 5, check_with: ['a textbook'] };
const HIGH_SCORES = { helpfulness: 5, accuracy: 4, courtesy: 5, reason: 'Good.', advice: 'None.' };

const JUDGED = {
  ...{ explanation_IF: 'a', instruction_following: 4, explanation_CA: 'b', contextual_alignment: 4, explanation_AC: 'c', accuracy: 5 },
  ...{ explanation_CO: 'd', completeness: 4, explanation_LC: 'e', linguistic_clarity: 5 },
};

/** One endpoint for all examples: the words of a prompt tell whose it is. */
const SCRIPT: FakeModelScript = {
  rules: [
    { match: 'instruction_tags', answer: { json: { instruction_tags: ['Tag {hash}'], difficulty: 2, explanation_question_quality: 'Clear.', question_quality_score: 4 } } },
    { match: 'whose judge_category', answer: { json: { judge_category: 'generic' } } },
    { match: 'Judge the last answer[^]*(133 km|bats are blind)', answer: { json: { ...JUDGED, accuracy: 1 } } },
    { match: 'Judge the last answer', answer: { json: JUDGED } },
    { match: 'Write one fact', answer: { json: { fact: 'Fact {hash}: {words}', why: 'Because {words}' } } },
    { match: 'Write a question', answer: { json: { question: 'What {hash}?', answer: 'That' } } },
    { match: 'Write the reply to this ticket', answer: { text: 'Reply {hash}' } },
    { match: 'Rewrite the passage', answer: { text: 'Rephrased {hash}: {words}' } },
    { match: 'was rejected: the answer has 1 words', answer: { json: GOOD_ANSWER } },
    { match: 'Question: Why do', answer: { json: { ...GOOD_ANSWER, answer: 'Because.' } } },
    { match: 'Question:', answer: { json: GOOD_ANSWER } },
    { match: 'Reply to judge', times: 3, answer: { json: { ...HIGH_SCORES, helpfulness: 1, accuracy: 2 } } },
    { match: 'Reply to judge', answer: { json: HIGH_SCORES } },
    { match: 'Reply with the new instruction', answer: { text: 'Evolved {hash}' } },
    { match: 'Follow this instruction', answer: { text: 'Answered {hash}' } },
    { match: 'Judge how well', times: 2, answer: { json: { score: 2, is_good: false, critique: 'Too long.' } } },
    { match: 'Judge how well', answer: { json: { score: 5, is_good: true, critique: 'None.' } } },
    { match: 'Improve the answer', answer: { text: 'Better {hash}' } },
    { match: 'A reader in a hurry', answer: { text: 'First {hash}' } },
    {
      match: '14 crates',
      answer: {
        text: 'There are 317 apples left.\nRESULT: 317',
        toolCalls: [{ name: 'multiply', arguments: { a: 14, b: 36 } }, { name: 'subtract', arguments: { a: 504, b: 187 } }],
      },
    },
    { match: 'garden|train|bottles|ribbon|Mira|floor|course is', answer: { text: 'I guess.\nRESULT: 1', toolCalls: [{ name: 'divide', arguments: { a: 1, b: 0 } }] } },
    { match: 'Reviewer, round 1', answer: { text: 'A better reply.' } },
  ],
};

describe('examples', () => {
  let store: Awaited<ReturnType<typeof temporaryStore>>;
  let server: ServerHandle;
  let endpoint: FakeModelServer;

  before(async () => {
    store = await temporaryStore();
    server = await ensureServer({ storeFolder: store.folder, environment: serverEnvironment() });
    endpoint = await startFakeModel({ script: SCRIPT });
  });
  after(async () => {
    await endpoint.close();
    await server.release();
    await store.remove();
  });

  /** With `url` all models of the examples are there; without it the built-in simulation answers. */
  async function run(name: string, url?: string): Promise<FinishedRun> {
    const environment = url === undefined ? {} : { SYGRA_GPT_4O_MINI_URL: url, SYGRA_GPT_4O_URL: url, SYGRA_JUDGE_URL: url, SYGRA_WRITER_URL: url, SYGRA_GPT_IMAGE_1_URL: url };
    const outputFolder = join(store.folder, url === undefined ? 'simulated' : 'answered');
    const flags = ['--store', store.folder, '--output-dir', outputFolder, '--json'];
    const { exitCode, standardOutput, standardError } = await runSyngraph(['run', `examples/${name}`, ...flags], environment);
    assert.equal(exitCode, 0, standardError);
    assert.equal(standardError.includes('simulated'), url === undefined, standardError);
    const result = JSON.parse(standardOutput) as FinishedRun;
    assert.equal(result.status, 'done');
    assert.equal(result.failedRecords, null);
    return { ...result, rows: await readRows(result.output) };
  }

  test('are found valid without a warning', async () => {
    for (const name of await readdir(EXAMPLES)) {
      const task = { task: join('examples', name), store: createFolderStore(store.folder), workingDirectory: ROOT, environment: {} };
      assert.deepEqual((await planTask(task)).diagnostics, [], name);
    }
  });

  // Workers of one server share its work: runs side by side must see the same endpoints.
  describe('with an endpoint', { concurrency: 2 }, () => {
    test('facts makes rows from nothing', async () => {
      const { rows, modelCalls } = await run('facts', endpoint.url);
      assert.equal(rows.length, 10);
      assert.equal(modelCalls, 20);
      for (const row of rows) assertTexts(row, ['field', 'reader', 'fact', 'why', 'question', 'answer']);
      assert.ok(new Set(rows.map(({ fact }) => fact)).size > 1);
      assert.match(String(rows[0]?.fact), /^Fact /);
    });

    test('rephrase answers every passage in the order of the source', async () => {
      const source = await readRows(join(EXAMPLES, 'rephrase', 'passages.jsonl'));
      const { rows, modelCalls } = await run('rephrase', endpoint.url);
      assert.equal(modelCalls, source.length);
      assert.deepEqual(rows.map(({ id, original }) => ({ id, text: original })), source);
      for (const row of rows) assertTexts(row, ['id', 'original', 'rephrased', 'tone', 'persona']);
      assert.ok(rows.every(({ rephrased }) => /^Rephrased /.test(String(rephrased))));
    });

    test('validated_answers asks again for answers that its code rejects', async () => {
      const { rows, modelCalls } = await run('validated_answers', endpoint.url);
      const again = rows.filter(({ question }) => String(question).startsWith('Why do'));
      assert.equal(rows.length, 12);
      assert.ok(again.length > 0);
      assert.equal(modelCalls, rows.length + again.length);
      for (const row of rows) {
        assertTexts(row, ['id', 'subject', 'question', 'answer']);
        assert.equal(row.attempts, again.includes(row) ? 2 : 1);
        assert.deepEqual(row.check_with, ['a textbook']);
        assert.equal(row.source_file, 'questions.csv');
      }
    });

    test('joined_tickets answers every ticket with its customer and an agent', async () => {
      const { rows, modelCalls } = await run('joined_tickets', endpoint.url);
      assert.equal(modelCalls, 8);
      assert.deepEqual(rows.map(({ ticket }) => ticket), ['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8']);
      assert.deepEqual(rows.map(({ plan }) => plan), ['basic', 'basic', 'premium', 'basic', 'premium', null, 'basic', 'premium']);
      for (const row of rows) assertTexts(row, ['reply->ticket', 'reply->text', 'ticket', 'agent']);
    });

    test('image_captions paints a picture for each caption, beside the output', async () => {
      const { rows, modelCalls } = await run('image_captions', endpoint.url);
      assert.equal(modelCalls, 6);
      assert.deepEqual(rows.map(({ id, image }) => [id, image]), ['brick', 'moss', 'sky'].map((name) => [name, `images/${name}.png`]));
      for (const row of rows) assert.match(String(row.repainted), /^[^/]+_media\/[0-9a-f]{64}\.png$/);
    });

    test('chat_judge sends low scores back for a better reply', async () => {
      const { rows, modelCalls } = await run('chat_judge', endpoint.url);
      const rewritten = rows.filter((row) => row.rewritten === true);
      assert.equal(rows.length, 10);
      assert.equal(rewritten.length, 3);
      assert.equal(modelCalls, 16);
      for (const row of rows) {
        assert.deepEqual(row.scores, { helpfulness: 5, accuracy: 4, courtesy: 5 });
        assert.equal(row.score, 4.6);
        assert.equal(row.rounds, rewritten.includes(row) ? 2 : 1);
        const last = (row.messages as { role: string; content: string }[]).at(-1);
        assert.equal(last?.role, 'assistant');
        assert.equal(last.content === 'A better reply.', rewritten.includes(row));
      }
    });
  });

  test('math_agent reckons with its tools, and keeps the whole conversation', async () => {
    const { rows, modelCalls } = await run('math_agent', endpoint.url);
    assert.equal(rows.length, 8);
    assert.equal(modelCalls, 3 + 7 * 2);
    const [apples, ...others] = rows;
    assert.deepEqual([apples?.result, apples?.correct, apples?.tools_used], [317, true, ['multiply', 'subtract']]);
    assert.deepEqual((apples?.conversation as Row[]).map(({ role, content }) => (role === 'tool' ? content : role)), [
      'system', 'user', 'assistant', '504', 'assistant', '317', 'assistant',
    ]);
    for (const { correct, conversation } of others) {
      assert.equal(correct, false);
      assert.match(JSON.stringify(conversation), /"Error: RangeError: b is 0/);
    }
  });

  describe('recipes with an endpoint', { concurrency: 2 }, () => {
    test('evol_instruct evolves each instruction twice, by strategies that differ, and answers the last', async () => {
      const { rows, modelCalls } = await run('evol_instruct', endpoint.url);
      assert.equal(rows.length, 8);
      assert.equal(modelCalls, 24);
      const lineages = rows.map(({ lineage }) => lineage as { strategy: string; from: string }[]);
      assert.ok(new Set(lineages.flat().map(({ strategy }) => strategy)).size > 2);
      for (const [index, row] of rows.entries()) {
        assert.match(String(row.instruction), /^Evolved /);
        assert.match(String(row.response), /^Answered /);
        assert.equal(lineages[index]!.length, 2);
        assert.match(lineages[index]![1]!.from, /^Evolved /);
      }
    });

    test('self_refinement improves what its judge finds weak, and keeps the trajectory', async () => {
      const { rows, modelCalls } = await run('self_refinement', endpoint.url);
      assert.equal(rows.length, 6);
      assert.equal(modelCalls, 16);
      const lengths = rows.map(({ trajectory }) => (trajectory as unknown[]).length);
      assert.deepEqual(lengths.sort(), [1, 1, 1, 1, 2, 2]);
      for (const { answer, trajectory, judgement } of rows) {
        const steps = trajectory as { candidate: string; judge: { score: number } }[];
        assert.match(String(answer), steps.length === 2 ? /^Better / : /^First /);
        assert.deepEqual(steps.at(-1), { iteration: steps.length - 1, candidate_key: 'candidate', candidate: answer, judge: judgement });
        assert.deepEqual(steps.map(({ judge }) => judge.score), steps.length === 2 ? [2, 5] : [5]);
      }
    });
  });

  test('judged_answers scores each answer by its category, and says how far two judges agree', async () => {
    const { rows, modelCalls, output } = await run('judged_answers', endpoint.url);
    assert.equal(rows.length, 10);
    // Two judges and the tags of each; one category that the rules leave open.
    assert.equal(modelCalls, 31);
    const judged = rows.map(({ id, metadata }) => [id, (metadata as { quality_characteristics: { LLM_based: Row } }).quality_characteristics.LLM_based] as const);
    assert.deepEqual(judged.filter(([, { accuracy }]) => accuracy === 1).map(([id]) => id), ['train', 'bats']);
    assert.equal(new Set(judged.map(([, { category }]) => category)).size, 7);
    assert.deepEqual(judged.filter(([, { category_by: by }]) => by === 'model').map(([id]) => id), ['plants']);
    const report = JSON.parse(await readFile(join(dirname(output), `JudgeAgreement_${basename(output, '.jsonl')}.json`), 'utf8')) as { judged_twice: number; dimensions: { accuracy: Row } };
    assert.equal(report.judged_twice, 10);
    assert.deepEqual(report.dimensions.accuracy, { kappa: 1, equal: 1, mean_distance: 0 });
  });

  describe('without an endpoint', { concurrency: 2 }, () => {
    for (const [name, rows] of Object.entries({ facts: 10, rephrase: 20, validated_answers: 12, chat_judge: 10, evol_instruct: 8, self_refinement: 6, math_agent: 8, judged_answers: 10, image_captions: 3 })) {
      test(`${name} is simulated, which is said, and complete`, async () => {
        const finished = await run(name);
        assert.equal(finished.rows.length, rows);
        assert.deepEqual(finished.counts, { total: rows, done: rows, failed: 0 });
        for (const row of finished.rows) assert.ok(Object.values(row).every((value) => value !== null && value !== ''), JSON.stringify(row));
      });
    }
  });
});

async function readRows(path: string): Promise<Row[]> {
  return (await readFile(path, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Row);
}

function assertTexts(row: Row, fields: string[]): void {
  for (const field of fields) assert.ok(typeof row[field] === 'string' && row[field] !== '', `${field} of ${JSON.stringify(row)}`);
}
