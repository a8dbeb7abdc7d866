import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openRows } from '../../../cli/options/open-rows.ts';
import { sourceNamed } from '../../../cli/options/source-named.ts';
import { runInProcess } from '../run-in-process.ts';

type Row = Record<string, unknown> & { id: number };

const CATEGORIES = ['math_solving', 'code_writing', 'generic'];

/** 300 records: of each ten, one `math_solving`, three `code_writing` and six `generic`; scores 1 to 5; difficulty 1 to 3. */
const ROWS: Row[] = Array.from({ length: 300 }, (_, id) => ({
  id,
  prompt: `Question ${id}`,
  metadata: {
    data_taxonomy: { difficulty: (id % 3) + 1 },
    quality_characteristics: {
      heuristic_based: { passed: id % 20 !== 0, language: { detected: id % 4 === 0 ? 'de' : 'en', confidence: 0.97 } },
      LLM_based: { category: CATEGORIES[id % 10 === 0 ? 0 : id % 10 < 4 ? 1 : 2], accuracy: (id % 5) + 1, overall_score: (id % 50) / 10 },
    },
  },
}));

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syngraph-select-'));
  await writeFile(join(folder, 'data.jsonl'), ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeFile(join(folder, 'human.jsonl'), Array.from({ length: 100 }, (_, id) => `${JSON.stringify({ id: 1000 + id, prompt: 'By hand' })}\n`).join(''));
});
after(() => rm(folder, { recursive: true, force: true }));

interface Selected {
  rows: Row[];
  counts: Record<string, unknown>;
}

async function select(words: string[], file = 'data.jsonl', output = 'out.jsonl'): Promise<Selected> {
  const { exitCode, output: said, error } = await runInProcess(folder, ['select', file, '--output', output, '--json', ...words]);
  assert.equal(error, null, error?.message);
  assert.equal(exitCode, 0);
  return { rows: await rowsOf(output), counts: JSON.parse(said) as Record<string, unknown> };
}

async function rowsOf(file: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const entry of openRows(sourceNamed(file, { workingDirectory: folder, onBadRecord: 'stop' }), {})) if (entry.ok) rows.push(entry.row as Row);
  return rows;
}

const ids = (rows: Row[]): number[] => rows.map(({ id }) => id);
const judged = (row: Row): { category: string; accuracy: number; overall_score: number } => (row.metadata as { quality_characteristics: { LLM_based: { category: string; accuracy: number; overall_score: number } } }).quality_characteristics.LLM_based;
const refusal = async (...words: string[]): Promise<string> => (await runInProcess(folder, ['select', 'data.jsonl', '--output', 'refused.jsonl', ...words])).error?.message ?? 'no error';

describe('syngraph select', () => {
  it('takes the records that meet a condition, unchanged and in order, by paths and by short names', async () => {
    const wanted = ROWS.filter((row) => judged(row).accuracy >= 4 && row.id % 4 !== 0);
    const long = await select(['--where', 'metadata.quality_characteristics.LLM_based.accuracy >= 4 and metadata.quality_characteristics.heuristic_based.language.detected == "en"']);
    assert.deepEqual(long.rows, wanted);
    const short = await select(['--where', 'accuracy >= 4 and language.detected == "en"']);
    assert.deepEqual(short.rows, wanted);
    assert.deepEqual([short.counts.records, short.counts.matching, short.counts.selected], [300, wanted.length, wanted.length]);
  });

  it('draws the same records for a seed, and others for another', async () => {
    const first = await select(['--size', '40']);
    assert.deepEqual((await select(['--size', '40'])).rows, first.rows);
    const other = await select(['--size', '40', '--seed', '7']);
    assert.notDeepEqual(ids(other.rows), ids(first.rows));
    assert.deepEqual(ids(first.rows), ids(first.rows).sort((left, right) => left - right));
    assert.equal(new Set(ids(first.rows)).size, 40);
  });

  it('takes as many of each stratum, and shares what small strata leave', async () => {
    const per = await select(['--stratify', 'category', '--per', '30']);
    assert.deepEqual(countBy(per.rows), { math_solving: 30, code_writing: 30, generic: 30 });
    const size = await select(['--stratify', 'category', '--size', '200']);
    assert.deepEqual(countBy(size.rows), { math_solving: 30, code_writing: 85, generic: 85 });
    assert.deepEqual(size.counts.strata, [
      { value: 'math_solving', matching: 30, selected: 30 },
      { value: 'code_writing', matching: 90, selected: 85 },
      { value: 'generic', matching: 180, selected: 85 },
    ]);
  });

  it('takes the best, best first, and the best of each stratum', async () => {
    const top = await select(['--top', '6', '--by', 'overall_score']);
    assert.deepEqual(ids(top.rows), [49, 99, 149, 199, 249, 299]);
    assert.deepEqual(ids((await select(['--top', '2', '--by', 'overall_score', '--lowest'])).rows), [0, 50]);
    const best = await select(['--stratify', 'accuracy', '--per', '1', '--by', 'overall_score']);
    assert.deepEqual(ids(best.rows), [45, 46, 47, 48, 49]);
  });

  it('orders from easy to hard, records alike in the order of the file, and those without a number last', async () => {
    const { rows } = await select(['--where', 'accuracy == 5', '--order-by', 'difficulty']);
    const wanted = ROWS.filter((row) => judged(row).accuracy === 5).sort((left, right) => (left.id % 3) - (right.id % 3) || left.id - right.id);
    assert.deepEqual(ids(rows), ids(wanted));
    await writeFile(join(folder, 'gaps.jsonl'), '{"id":1,"hard":3}\n{"id":2}\n{"id":3,"hard":"1.5"}\n');
    const gaps = await select(['--order-by', 'hard'], 'gaps.jsonl');
    assert.deepEqual([ids(gaps.rows), gaps.counts.withoutOrder], [[3, 1, 2], 1]);
    assert.deepEqual(ids((await select(['--order-by', 'hard', '--descending'], 'gaps.jsonl')).rows), [1, 3, 2]);
  });

  it('draws by weight without taking a record twice, and never one without weight', async () => {
    const { rows, counts } = await select(['--weight', 'overall_score', '--size', '150']);
    assert.equal(new Set(ids(rows)).size, 150);
    assert.ok(rows.every((row) => judged(row).overall_score > 0));
    assert.equal(counts.withoutNumber, 6);
    const mean = rows.reduce((sum, row) => sum + judged(row).overall_score, 0) / rows.length;
    assert.ok(mean > 2.7, `heavier records come more often: ${mean}, and 2.45 without weights`);
  });

  it('mixes in the wanted share, keeps both orders and says where each record comes from', async () => {
    const { rows, counts } = await select(['--size', '70', '--mix', 'human.jsonl', '--ratio', '0.3', '--provenance', 'origin']);
    assert.deepEqual([rows.length, counts.selected, counts.mixed], [100, 70, 30]);
    const ours = rows.filter(({ id }) => id < 1000);
    const theirs = rows.filter(({ id }) => id >= 1000);
    for (const list of [ours, theirs]) assert.deepEqual(ids(list), ids(list).sort((left, right) => left - right));
    assert.deepEqual(ours[0]?.origin, { file: 'data.jsonl', row: ours[0]!.id + 1, role: 'selected' });
    assert.deepEqual(theirs[0]?.origin, { file: 'human.jsonl', row: theirs[0]!.id - 999, role: 'mixed' });
    assert.notEqual(ids(rows).findLastIndex((id) => id < 1000), 69, 'the mixed ones do not all stand at the end');
  });

  it('reads and writes all formats, with the tags of a CSV file in one cell', async () => {
    const wanted = ids(ROWS.filter((row) => judged(row).accuracy === 2 && row.id % 4 === 0));
    for (const format of ['csv', 'json', 'parquet', 'jsonl']) {
      await select(['--where', 'exists id'], 'data.jsonl', `all.${format}`);
      const { rows } = await select(['--where', 'accuracy == 2 and language.detected == "de"', '--order-by', 'id'], `all.${format}`, `some.${format}`);
      assert.deepEqual(rows.map(({ id }) => Number(id)), wanted, format);
    }
  });

  it('refuses flags that make no sense together, and says what would', async () => {
    assert.match(await refusal(), /nothing says what is to be selected/);
    assert.match(await refusal('--top', '3'), /--top needs what the rows are compared by/);
    assert.match(await refusal('--per', '3'), /--per is the number of rows of each stratum/);
    assert.match(await refusal('--size', '3', '--top', '3', '--by', 'id'), /--size and --top each say/);
    assert.match(await refusal('--stratify', 'category'), /--stratify needs how many/);
    assert.match(await refusal('--stratify', 'category', '--top', '3', '--by', 'id'), /--top takes the best rows of all/);
    assert.match(await refusal('--weight', 'id'), /--weight needs how many/);
    assert.match(await refusal('--by', 'id'), /--by needs how many/);
    assert.match(await refusal('--mix', 'human.jsonl'), /--mix needs the share/);
    assert.match(await refusal('--size', '300', '--mix', 'human.jsonl', '--ratio', '0.5'), /takes 300 of human.jsonl, which has 100/);
    assert.match(await refusal('--where', 'accuracy >> 3'), /--where is no condition/);
    assert.match(await refusal('--top', '3', '--by', 'prompt'), /no record has a number in prompt/);
    assert.match(await refusal('--stratify', 'nothing', '--per', '2'), /no record has anything in nothing/);
    assert.match(await refusal('--order-by', 'nothing'), /no record has a number in nothing/);
    assert.match(await refusal('--size', '3', '--provenance', 'prompt'), /has a key prompt already/);
    assert.match(await refusal('--size', '3', '--output', 'data.jsonl'), /is an input/);
    assert.ok(!existsSync(join(folder, 'refused.jsonl')));
  });

  it('says so where no record meets the condition, and where fewer can be had than were wanted', async () => {
    const said = async (...words: string[]): Promise<string> => (await runInProcess(folder, ['select', 'data.jsonl', '--output', 'few.jsonl', ...words])).output;
    assert.match(await said('--where', 'accuracy > 5'), /0 of 300 records[^]*No record meets the condition/);
    assert.equal(await readFile(join(folder, 'few.jsonl'), 'utf8'), '');
    assert.match(await said('--size', '1000'), /1,000 were wanted, and there are no more/);
    assert.match(await said('--stratify', 'category', '--per', '50'), /1 of 3 strata have fewer than 50 records/);
  });

  it('names the fields of a condition that no record has, with the nearest ones', async () => {
    const said = async (...words: string[]): Promise<string> => (await runInProcess(folder, ['select', 'data.jsonl', '--output', 'none.jsonl', ...words])).output;
    assert.match(await said('--where', 'acuracy >= 3'), /0 of 300 records[^]*No record has acuracy, which the condition asks for; did you mean accuracy\?/);
    assert.match(await said('--where', 'acuracy >= 3 or id < 10', '--size', '5'), /5 of 300 records, of which 10 meet[^]*No record has acuracy/);
    assert.match(await said('--where', 'detected == "en"'), /No record has detected, .*did you mean language\.detected\?/);
    assert.match(await said('--where', 'zzzzzz == "en"'), /No record has zzzzzz, which the condition asks for$/m);
    assert.doesNotMatch(await said('--where', 'not exists comment and accuracy >= 4'), /No record has/);
    const { counts } = await select(['--where', 'acuracy >= 3']);
    assert.deepEqual(counts.unknownFields, [{ field: 'acuracy', nearest: 'accuracy' }]);
  });

  it('leaves no half of a file where a record cannot be read', async () => {
    await writeFile(join(folder, 'broken.jsonl'), `${'{"id":1}\n'.repeat(1000)}{"id":`);
    const { error } = await runInProcess(folder, ['select', 'broken.jsonl', '--size', '10']);
    assert.match(error?.message ?? '', /broken\.jsonl:1001/);
    assert.deepEqual((await readdir(folder)).filter((name) => /^broken/.test(name)), ['broken.jsonl']);
    assert.equal((await readFile(join(folder, 'data.jsonl'), 'utf8')).split('\n').length, 301);
  });
});

function countBy(rows: Row[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[judged(row).category] = (counts[judged(row).category] ?? 0) + 1;
  return counts;
}
