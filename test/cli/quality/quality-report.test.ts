import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FullReport } from '../../../cli/quality/render-report.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import { runInProcess } from '../run-in-process.ts';

const HOSTILE = '"><script>alert(1)</script><img src=x>\u001b[2J';
const DIMENSIONS = ['instruction_following', 'contextual_alignment', 'accuracy', 'completeness', 'linguistic_clarity'];

/** Of each ten records the first is rejected by one rule, and the second by two. */
function record(id: number): JsonObject {
  const rejections = id % 10 === 0 ? [{ rule: 'lexical_diversity', reason: `its type-token ratio is 0.100, below 0.3 ${HOSTILE}` }] : id % 10 === 1 ? [{ rule: 'lexical_diversity', reason: 'low' }, { rule: 'repetition', reason: 'a loop' }] : [];
  const passed = rejections.length === 0;
  const scores = (shift: number): JsonObject => Object.fromEntries(DIMENSIONS.map((name, index) => [name, ((id + index + shift) % 5) + 1]));
  return {
    messages: [{ role: 'user', content: `Question ${id} ${HOSTILE}` }, { role: 'assistant', content: `Answer ${id} ${'very long '.repeat(200)}` }],
    metadata: {
      data_taxonomy: passed ? { category: 'math_solving', difficulty: (id % 5) + 1 } : {},
      quality_characteristics: {
        heuristic_based: {
          lexical_richness: { ttr_score: passed ? 0.6 : 0.1, mtld_score: 80 },
          conversation_stats: { turn_count: 2 },
          language: { detected: id % 4 === 0 ? 'de' : 'en', confidence: 0.97 },
          tokens: { input_tokens: 10 + id, target_tokens: 20 },
          perplexity: { score: 10 + id, model: 'a-small-model' },
          pii: { total: id % 50 === 0 ? 1 : 0, ...(id % 50 === 0 ? { email: 1 } : {}) },
          passed,
          rejections,
        },
        ...(passed ? { LLM_based: { category: 'math_solving', ...scores(0), overall_score: 3, second_judge: scores(id % 10 === 5 ? 1 : 0) } } : {}),
      },
    },
  };
}

const isRejected = ({ metadata }: JsonObject): boolean => JSON.stringify(metadata).includes('"passed":false');
const RECORDS = Array.from({ length: 500 }, (_, id) => record(id));
const lines = (rows: JsonObject[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syngraph-report-'));
  await writeFile(join(folder, 'tagged.jsonl'), lines(RECORDS.filter((row) => !isRejected(row))));
  await writeFile(join(folder, 'tagged.rejected.jsonl'), lines(RECORDS.filter(isRejected)));
});
after(() => rm(folder, { recursive: true, force: true }));

async function reportOf(...words: string[]): Promise<FullReport> {
  const { output, error } = await runInProcess(folder, ['quality', 'report', ...words, '--json']);
  assert.equal(error, null, error?.message);
  return JSON.parse(output) as FullReport;
}

describe('syngraph quality report', () => {
  it('counts what was accepted and rejected, with the file of rejected records found by itself', async () => {
    const report = await reportOf('tagged.jsonl');
    assert.deepEqual([report.records, report.accepted, report.rejected, report.untagged], [500, 400, 100, 0]);
    assert.deepEqual(report.files.map(({ file, records }) => [file, records]), [['tagged.jsonl', 400], ['tagged.rejected.jsonl', 100]]);
    assert.deepEqual(report.rules.map(({ rule, records, alone, examples }) => [rule, records, alone, examples.length]), [['lexical_diversity', 100, 50, 3], ['repetition', 50, 0, 3]]);
  });

  it('gives distributions before and after, with the limits of the rules', async () => {
    const { metrics } = await reportOf('tagged.jsonl');
    const ttr = metrics.find(({ key }) => key === 'ttr');
    assert.deepEqual([ttr?.all.count, ttr?.accepted?.count, ttr?.limits], [500, 400, [{ value: 0.3, keeps: 'at least' }]]);
    assert.ok(Math.abs((ttr?.all.mean ?? 0) - 0.5) < 1e-9 && Math.abs((ttr?.accepted?.mean ?? 0) - 0.6) < 1e-9);
    assert.deepEqual(metrics.find(({ key }) => key === 'perplexity')?.limits, [{ value: 1000, keeps: 'at most' }]);
    await writeFile(join(folder, 'rules.yaml'), 'lexical_diversity: { min_ttr: 0.25 }\nppl_score: { max: 400 }\nconversation_length: false\n');
    const others = (await reportOf('tagged.jsonl', '--rules', 'rules.yaml')).metrics;
    assert.deepEqual(['ttr', 'perplexity', 'turns'].map((key) => others.find((metric) => metric.key === key)?.limits.map(({ value }) => value)), [[0.25], [400], []]);
  });

  it('shows languages, categories, judges and how far two of them agree', async () => {
    const report = await reportOf('tagged.jsonl');
    assert.deepEqual(report.languages, [{ value: 'en', all: 375, accepted: 300 }, { value: 'de', all: 125, accepted: 100 }]);
    assert.deepEqual(report.categories, [{ value: 'math_solving', all: 400, accepted: 400 }]);
    assert.deepEqual(report.contents, [{ value: 'personal data: email', all: 10, accepted: 0 }]);
    assert.deepEqual(report.scorers, [{ value: 'perplexity: a-small-model', all: 500, accepted: 400 }]);
    assert.equal(report.judge?.records, 400);
    assert.equal(report.judge.agreement?.equal, 7 / 8);
    assert.deepEqual(report.judge.dimensions.map(({ dimension, records }) => [dimension, records]), DIMENSIONS.map((name) => [name, 400]));
  });

  it('writes a page that asks for nothing and that data cannot break out of', async () => {
    const { output, error } = await runInProcess(folder, ['quality', 'report', 'tagged.jsonl', '--html', 'pages/report.html']);
    assert.equal(error, null, error?.message);
    assert.match(output, /500 records, 400 accepted \(80\.0 %\), 100 rejected/);
    assert.ok(!output.includes('\u001b'), 'what records hold cannot move the cursor');
    const page = await readFile(join(folder, 'pages/report.html'), 'utf8');
    assert.doesNotMatch(page, /<script|<img|https?:|NaN|undefined|\[object/);
    for (const shown of ['lexical_diversity', 'at least 0.3', '&lt;script&gt;', 'Type-token ratio', 'kappa', 'math_solving', '80.0 %']) assert.ok(page.includes(shown), shown);
    assert.ok(page.length < 200_000, `${page.length} characters: examples are clipped`);
  });

  it('shows the same examples for a seed', async () => {
    const examples = async (seed: string): Promise<number[]> => (await reportOf('tagged.jsonl', '--seed', seed)).rules[0]!.examples.map(({ row }) => row);
    assert.deepEqual(await examples('1'), await examples('1'));
    assert.notDeepEqual(await examples('1'), await examples('2'));
  });

  it('refuses rules that are none instead of showing the defaults', async () => {
    const refusal = async (text: string): Promise<string> => {
      await writeFile(join(folder, 'wrong.yaml'), text);
      return (await runInProcess(folder, ['quality', 'report', 'tagged.jsonl', '--rules', 'wrong.yaml'])).error?.message ?? 'no error';
    };
    assert.match(await refusal('lexical_diversity: { min_trt: 0.2 }\n'), /^wrong\.yaml:1:22 error .*"min_trt".*\n1 \| lexical_diversity: \{ min_trt: 0\.2 \}\n {2}\| {22}\^{7}\n[^]*"min_ttr"/m);
    assert.match(await refusal('lexical_diversity: { min_ttr: 2 }\n'), /^wrong\.yaml:1:31 error .*min_ttr.*\n.*\n {2}\| {31}\^\n?/m);
    assert.equal(await refusal('near_duplicates: true\nppl_score: { model: gpt2, max: 400 }\n'), 'no error');
  });

  it('counts rows that cannot be read and records without tags, and says so where there is nothing else', async () => {
    await writeFile(join(folder, 'mixed.jsonl'), `${lines(RECORDS.slice(2, 4))}{"text":"no tags"}\n{broken\n`);
    const report = await reportOf('mixed.jsonl');
    assert.deepEqual([report.records, report.accepted, report.untagged, report.files[0]?.unreadable], [3, 2, 1, 1]);
    await writeFile(join(folder, 'plain.jsonl'), '{"text":"no tags"}\n');
    const { error } = await runInProcess(folder, ['quality', 'report', 'plain.jsonl']);
    assert.match(error?.message ?? '', /no record of plain\.jsonl has quality tags: metadata\.quality_characteristics/);
    assert.match(error?.nextStep ?? '', /syngraph quality FILE/);
  });
});
