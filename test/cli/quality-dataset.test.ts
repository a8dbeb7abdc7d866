import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createWorkplace, type Workplace } from './workplace.ts';

const ANSWER = 'The ferry leaves from the pier behind the market every morning, and it takes about an hour to get across to the island, where a bus waits.';
const QUESTION = 'Could you tell me where the old ferry leaves, and how long it takes to the other side?';
const EXAM = 'A train leaves the station at noon and reaches the coast after two hours and twenty minutes; how fast is it?';
const talk = (id: string, question: string, answer: string): object => ({ id, messages: [{ role: 'user', content: question }, { role: 'assistant', content: answer }] });

const ROWS = [
  talk('first', QUESTION, ANSWER),
  talk('other', 'What should I bring for a walk along the northern shore in winter?', 'Warm clothes, good shoes and something to drink, because the wind is strong and there is no place to buy anything on the way.'),
  talk('again', QUESTION, `${ANSWER} Enjoy!`),
  talk('leaked', `Please help me: ${EXAM.toLowerCase()}`, 'To answer this you need the length of the line, which the text does not give, so nobody can tell how fast it was.'),
  talk('rude', QUESTION, 'You are such a stupid idiot, shut up and find the damn pier yourself, you moron, before it is too late.'),
  talk('again rude', QUESTION, 'You are such a stupid idiot, shut up and find the damn pier yourself, you moron, before it is too late.'),
];

interface Row {
  id: string;
  metadata: { quality_characteristics: { heuristic_based: { passed: boolean; near_duplicate?: { of: string; similarity: number }; rejections: { rule: string; reason: string }[] } } };
}

describe('syngraph quality with rules over benchmarks and the whole dataset', () => {
  let place: Workplace;
  let kept: Row[] = [];
  let rejected: Row[] = [];

  before(async () => {
    place = await createWorkplace();
    await place.write({
      'talks.jsonl': ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''),
      'exams/exam.jsonl': `${JSON.stringify({ number: 1, question: EXAM, answer: 'unknown' })}\n`,
      'rules.yaml': 'near_duplicates: { threshold: 0.6 }\ntoxicity: { max: 0.9 }\ncontamination: { benchmarks: [exams/exam.jsonl] }\n',
    });
    const { exitCode, errors, output } = await place.syngraph(['quality', 'talks.jsonl', '--rules', 'rules.yaml', '--batch-size', '2']);
    assert.equal(exitCode, 0, errors);
    assert.match(output, /rejected: +4 of the records/);
    const read = async (name: string): Promise<Row[]> => (await readFile(join(place.folder, 'output', name), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Row);
    [kept, rejected] = [await read('talks_quality.jsonl'), await read('talks_quality.rejected.jsonl')];
  });
  after(async () => {
    await place.syngraph(['down']);
    await place.remove();
  });

  const quality = (id: string): Row['metadata']['quality_characteristics']['heuristic_based'] => rejected.find((row) => row.id === id)!.metadata.quality_characteristics.heuristic_based;

  it('keeps what is like no other, and puts every other record into the file of those rejected', () => {
    assert.deepEqual([kept.map(({ id }) => id), rejected.map(({ id }) => id)], [['first', 'other'], ['again', 'leaked', 'rude', 'again rude']]);
  });

  it('refuses to replace the dataset by what it makes of it, and starts nothing', async () => {
    const before = await readFile(join(place.folder, 'talks.jsonl'), 'utf8');
    const { exitCode, errors, output } = await place.syngraph(['quality', 'talks.jsonl', '--output', './talks.jsonl']);
    assert.deepEqual([exitCode, output], [2, '']);
    assert.match(errors, /talks\.jsonl is the source of the run.*\n.*--output/);
    assert.equal(await readFile(join(place.folder, 'talks.jsonl'), 'utf8'), before);
  });

  it('names the files that it reads where it is given another, and the rules that cannot be read', async () => {
    await place.write({ 'talks.txt': 'no dataset' });
    const [other, none] = await Promise.all([place.syngraph(['quality', 'talks.txt']), place.syngraph(['quality', 'talks.jsonl', '--rules', 'none.yaml'])]);
    assert.equal(other.exitCode, 2);
    assert.match(other.errors, /cannot tell the format of the dataset .*talks\.txt.*\n.*\.parquet/);
    assert.equal(none.exitCode, 2);
    assert.match(none.errors, /none\.yaml cannot be read: there is no such file.*\n.*mapping of rules/);
  });

  it('leaves the tagging to the worker that stays where it is detached', async () => {
    const { exitCode, errors, output } = await place.syngraph(['quality', 'talks.jsonl', '--output', 'detached.jsonl', '--detach', '--json']);
    assert.equal(exitCode, 0, errors);
    const { runId, status, worker } = JSON.parse(output) as { runId: string; status: string; worker: number };
    assert.deepEqual([status, worker > 0], ['running', true]);
    const joined = await place.syngraph(['quality', 'talks.jsonl', '--output', 'detached.jsonl', '--resume', runId]);
    assert.equal(joined.exitCode, 0, joined.errors);
    assert.match(joined.output, /6 of 6 records/);
  });

  it('shows what is wrong with the rules in their own file, and starts nothing', async () => {
    await place.write({ 'wrong.yaml': 'lexical_diversity:\n  min_ttr: much\nnear_duplicates: { treshold: 0.6 }\ncontamination: { benchmarks: [none.jsonl] }\n', 'torn.yaml': 'pii: {}\ntoxicity: [\n' });
    const [wrong, torn] = await Promise.all(['wrong.yaml', 'torn.yaml'].map((rules) => place.syngraph(['quality', 'talks.jsonl', '--rules', rules])));
    assert.deepEqual([wrong!.exitCode, wrong!.output, torn!.exitCode, torn!.output], [2, '', 2, '']);
    assert.match(wrong!.errors, /^wrong\.yaml:2:12 error "min_ttr": expected a number.*\n2 \| {3}min_ttr: much\n {2}\| {12}\^{4}\n/m);
    assert.match(wrong!.errors, /^wrong\.yaml:3:20 error .*"treshold".*\n.*\n.*\^{8}\n[^]*Did you mean "threshold"/m);
    assert.match(wrong!.errors, /^wrong\.yaml:4:31 error There is no source "none\.jsonl"/m);
    assert.match(wrong!.errors, /3 errors in wrong\.yaml; nothing was started/);
    assert.match(torn!.errors, /^torn\.yaml:2:11 error .*never closed.*\n2 \| toxicity: \[\n {2}\| {11}\^/m);
  });

  it('names the record that one is near to', () => {
    const { near_duplicate: near, passed, rejections } = quality('again');
    assert.deepEqual([near?.of, passed, rejections.map(({ rule }) => rule)], ['first', false, ['near_duplicates']]);
    assert.match(rejections[0]!.reason, /^it is near to record first: their similarity is 0\.9\d*$/);
    // What is rejected itself takes nobody out.
    assert.deepEqual(['rude', 'again rude'].map((id) => quality(id).rejections.map(({ rule }) => rule)), [['toxicity'], ['toxicity']]);
  });

  it('names the benchmark, and the words that it has, too', () => {
    assert.deepEqual(quality('leaked').rejections, [
      { rule: 'contamination', reason: 'it has words of the benchmark exam: "a train leaves the station at noon and reaches the coast after two"' },
    ]);
  });
});
