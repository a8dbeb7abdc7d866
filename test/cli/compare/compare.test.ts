import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareRows } from '../../../cli/compare/compare-rows.ts';
import type { ComparedRuns } from '../../../cli/render/comparison.ts';
import { startFakeModel } from '../../../fake-model/start-fake-model.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import { createWorkplace, questions } from '../workplace.ts';

test('two runs are compared by their figures and by the rows of the same source records', async (context) => {
  const fake = await startFakeModel();
  const place = await createWorkplace();
  const environment = { SYGRA_GPT_URL: fake.url };
  context.after(async () => {
    await place.syngraph(['down'], environment);
    await place.remove();
    await fake.close();
  });
  const files = questions(6);
  await place.write({ ...files, 'quiz/models.yaml': 'gpt: { model_type: openai, model: fake, price: { input: 10, output: 10 } }\n' });
  const call = async (...words: string[]): Promise<string> => {
    const { exitCode, output, errors } = await place.syngraph(words, environment);
    assert.equal(exitCode, 0, errors + output);
    return output;
  };
  await call('up');
  await call('run', 'quiz', '--run-id', 'one');
  await place.write({ 'quiz/graph_config.yaml': files['quiz/graph_config.yaml']!.replace('Question {n}', 'Riddle <b>{n}') });
  await call('run', 'quiz', '--run-id', 'two', '-n', '5');
  const compared = JSON.parse(await call('compare', 'one', 'two', '--examples', '2', '--html', 'page.html', '--json')) as ComparedRuns;
  const figure = (group: string, title: string): unknown => compared.figures.find((one) => one.group === group && one.title === title)?.values;
  assert.deepEqual(compared.runs, ['quiz/one', 'quiz/two']);
  assert.deepEqual(figure('records', 'rows'), [6, 5]);
  assert.deepEqual(figure('node ask', 'records'), [6, 5]);
  const [cost] = figure('cost', 'in all') as number[];
  assert.ok(cost! > 0);
  const { common, same, onlyFirst, onlySecond, examples } = compared.rows;
  assert.deepEqual({ common, same, onlyFirst, onlySecond }, { common: 5, same: 0, onlyFirst: 1, onlySecond: 0 });
  assert.equal(examples.length, 2);
  assert.deepEqual(examples[0]?.differing.map(({ key }) => key), ['answer']);
  const [before, after] = examples[0]?.differing[0]?.values ?? [];
  assert.match(before as string, /Question q0/);
  assert.match(after as string, /Riddle <b>q0/);
  const text = await call('compare', 'one', 'two');
  assert.match(text, /records +rows +6 +5 +-16\.7 %/);
  assert.match(text, /- answer: Question q0/);
  const page = await readFile(join(place.folder, 'page.html'), 'utf8');
  assert.ok(page.includes('Riddle &lt;b&gt;q1') && !page.includes('<b>'));
});

type Row = { id: string; row: JsonObject };

test('rows are counted as sets of ids would be', async () => {
  const rows = fc.uniqueArray(fc.record({ id: fc.stringMatching(/^[a-f]$/), row: fc.record({ n: fc.nat(2) }) }), { selector: ({ id }) => id });
  const over = (given: Row[]) => async function* (): AsyncGenerator<Row> { yield* given; };
  await fc.assert(
    fc.asyncProperty(rows, rows, async (first, second) => {
      const found = await compareRows(over(first), over(second), 2);
      const both = second.filter(({ id }) => first.some((one) => one.id === id));
      const same = both.filter(({ id, row }) => first.some((one) => one.id === id && one.row.n === row.n));
      assert.deepEqual([found.common, found.same, found.onlyFirst, found.onlySecond], [both.length, same.length, first.length - both.length, second.length - both.length]);
      assert.equal(found.examples.length, Math.min(2, both.length - same.length));
      assert.ok(found.examples.every(({ differing }) => differing.length === 1));
    }),
  );
});
