import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { writeOutput } from '../../../activities/data/write-output.ts';
import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import { asStream, diskSource, parquetRows, readRows, temporaryFolder } from './helpers.ts';

const write = async (rows: JsonObject[], name: string, encoding = 'utf-8') => {
  const path = join(await temporaryFolder(), 'deep', 'folder', name);
  const format = name.slice(name.lastIndexOf('.') + 1) as 'jsonl';
  return { path, format, encoding, ...(await writeOutput({ rows: asStream(rows), path, format, encoding })) };
};

describe('writing', () => {
  test('JSONL gives a line a row and counts rows and bytes', async () => {
    const { path, rows, bytes } = await write([{ a: 1 }, { b: 'é\n' }], 'out.jsonl');
    const content = await readFile(path);
    assert.equal(content.toString(), '{"a":1}\n{"b":"é\\n"}\n');
    assert.deepEqual([rows, bytes], [2, content.length]);
  });

  test('no rows gives files that can be read', async () => {
    for (const name of ['out.jsonl', 'out.json', 'out.parquet']) {
      const { path, rows } = await write([], name);
      assert.equal(rows, 0);
      assert.deepEqual(await readRows({ source: diskSource({ path }) }), []);
    }
    assert.equal(await readFile((await write([], 'out.json')).path, 'utf8'), '[]\n');
  });

  test('CSV gives the columns of all rows, lists and objects as JSON, null as an empty cell', async () => {
    const { path } = await write(
      [
        { a: 'x,"y"\nz', b: [1, { c: 2 }] },
        { c: true, a: null },
        { a: '=1+1', b: -1.5 },
      ],
      'out.csv',
    );
    assert.equal(await readFile(path, 'utf8'), 'a,b,c\n"x,""y""\nz","[1,{""c"":2}]",\n,,true\n=1+1,-1.5,\n');
  });

  test('text in latin1 escapes in JSON what it lacks, and refuses it in CSV', async () => {
    const { path } = await write([{ a: 'é €🎉' }], 'out.jsonl', 'latin-1');
    assert.equal((await readFile(path)).toString('latin1'), '{"a":"é \\u20ac\\ud83c\\udf89"}\n');
    await assert.rejects(write([{ a: '€' }], 'out.csv', 'latin1'), { code: 'SINK_FAILED', message: /'€'.*'latin1'/ });
    await assert.rejects(write([{ a: 1 }], 'out.csv', 'gbk'), { code: 'SINK_FAILED', message: /'gbk'/ });
  });

  test('leaves the older file and no other when the rows fail', async () => {
    for (const name of ['out.jsonl', 'out.json', 'out.csv', 'out.parquet']) {
      const path = join(await temporaryFolder(), name);
      await writeFile(path, 'older');
      let pass = 0;
      const rows = async function* (): AsyncGenerator<JsonObject> {
        pass += 1;
        yield { a: 1 };
        if (pass > 1 || name.startsWith('out.json')) throw new Error('the part is torn');
      };
      const format = name.slice(4) as 'jsonl';
      await assert.rejects(writeOutput({ rows, path, format, encoding: 'utf-8' }), /the part is torn/);
      assert.deepEqual(await readdir(dirname(path)), [name]);
      assert.equal(await readFile(path, 'utf8'), 'older');
    }
  });

  test('names the path that cannot be written', async () => {
    const path = join((await write([], 'out.jsonl')).path, 'below-a-file.jsonl');
    await assert.rejects(writeOutput({ rows: asStream([]), path, format: 'jsonl', encoding: 'utf-8' }), {
      code: 'SINK_FAILED',
      message: /below-a-file\.jsonl/,
    });
  });
});

describe('Parquet output', () => {
  const cases: [title: string, rows: string, back: string][] = [
    ['fills absent keys with null', '[{"a":1},{"b":"x"}]', '[{"a":1,"b":null},{"a":null,"b":"x"}]'],
    [
      'keeps nested lists and objects',
      '[{"a":[[1],[],null]},{"a":null},{"a":[{}]}]',
      '[{"a":["[1]","[]",null]},{"a":null},{"a":["{}"]}]',
    ],
    ['widens integers to floats', '[{"a":1},{"a":1.5},{"a":2e+60}]', '[{"a":1},{"a":1.5},{"a":2e+60}]'],
    [
      'keeps values that do not go together as text',
      '[{"a":1},{"a":"x"},{"a":[true]}]',
      '[{"a":"1"},{"a":"x"},{"a":"[true]"}]',
    ],
    ['keeps objects without keys as text', '[{"a":{}},{"a":null}]', '[{"a":"{}"},{"a":null}]'],
    ['keeps columns that are always null', '[{"a":null,"b":1}]', '[{"a":null,"b":1}]'],
    ['keeps odd names', '[{"":1,"a.b":{"__proto__":2}}]', '[{"":1,"a.b":{"__proto__":2}}]'],
  ];
  for (const [title, rows, back] of cases) {
    test(title, async () => {
      const { path } = await write(JSON.parse(rows) as JsonObject[], 'out.parquet');
      assert.equal(JSON.stringify(await parquetRows(path)), back);
    });
  }

  test('keeps an object with very many different keys as text', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, index]));
    const { path } = await write([{ wide }], 'out.parquet');
    assert.deepEqual(await parquetRows(path), [{ wide: JSON.stringify(wide) }]);
  });

  test('gives rows of one structure back as they were', async () => {
    const row = fc.record({
      number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0.5),
      text: fc.option(fc.string({ unit: 'grapheme' })),
      flags: fc.array(fc.option(fc.boolean())),
      turns: fc.option(fc.array(fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.string() }))),
    });
    const fixed = { number: 0.5, text: 'x', flags: [true], turns: [{ role: 'user', content: 'x' }] };
    await fc.assert(
      fc.asyncProperty(fc.array(row), async (rows) => {
        const all = [fixed, ...rows];
        const { path } = await write(all, 'out.parquet');
        assert.equal(JSON.stringify(await parquetRows(path)), JSON.stringify(all));
      }),
      { numRuns: 20 },
    );
  });
});

test('JSONL and JSON give any rows back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      fc.constantFrom('out.jsonl', 'out.json'),
      async (rows, name) => {
        const { path } = await write(rows as Record<string, JsonValue>[], name);
        assert.equal(JSON.stringify(await readRows({ source: diskSource({ path }) })), JSON.stringify(rows));
      },
    ),
    { numRuns: 40 },
  );
});
