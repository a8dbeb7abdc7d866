import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openSource } from '../../../activities/data/open-source.ts';
import { writeOutput } from '../../../activities/data/write-output.ts';
import { asStream, diskSource, fileWith, noFunctions, readAll, readRows, temporaryFolder } from './helpers.ts';

const invalid = (pattern: RegExp) => ({ name: 'SyngraphError', code: 'SOURCE_INVALID', message: pattern });

describe('a JSONL source', () => {
  test('reads objects in order, with CRLF, blank lines, a byte order mark and no last line break', async () => {
    const path = await fileWith('\ufeff{"a":1}\r\n\r\n  \n{"a":"é🎉"}\r\n{"a":3}', 'rows.jsonl');
    assert.deepEqual(await readRows({ source: diskSource({ path }) }), [{ a: 1 }, { a: 'é🎉' }, { a: 3 }]);
  });

  test('names file and line of a line that is not JSON', async () => {
    const path = await fileWith('{"a":1}\n\n{"a":\n', 'rows.jsonl');
    await assert.rejects(readAll({ source: diskSource({ path }) }), invalid(/rows\.jsonl:3: is not JSON .*\{"a":/));
  });

  test('hands on bad lines with their place where the policy is to skip', async () => {
    const content = Buffer.concat([
      Buffer.from('{"a":1}\n[1]\nnull\n"x"\n{"b":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n{"a":2}\n'),
    ]);
    const path = await fileWith(content, 'rows.jsonl');
    const entries = await readAll({ source: diskSource({ path, onBadRecord: 'skip' }) });
    assert.deepEqual(
      entries.map((entry) => (entry.ok ? entry.row : entry.location.replace(/^.*:/, 'line '))),
      [{ a: 1 }, 'line 2', 'line 3', 'line 4', 'line 5', { a: 2 }],
    );
    assert.match((entries[4] as { message: string }).message, /not UTF-8/);
  });

  test('refuses a line above 64 MB without holding it, and goes on behind it where told to skip', async () => {
    const path = await fileWith('', 'rows.jsonl');
    await writeFile(
      path,
      Buffer.concat([Buffer.from('{"a":1}\n"'), Buffer.alloc(66 * 1024 * 1024, 'x'), Buffer.from('"\n{"a":2}\n')]),
    );
    await assert.rejects(
      readAll({ source: diskSource({ path }) }),
      invalid(/rows\.jsonl:2: the line is longer than 64 MB/),
    );
    const entries = await readAll({ source: diskSource({ path, onBadRecord: 'skip' }) });
    assert.deepEqual(
      entries.map((entry) => (entry.ok ? entry.row : entry.location.slice(-2))),
      [{ a: 1 }, ':2', { a: 2 }],
    );
  });

  test('refuses a row that is nested too deep to be written again', async () => {
    const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    assert.equal(
      (await readRows({ source: diskSource({ path: await fileWith(nested(1000), 'rows.jsonl') }) })).length,
      1,
    );
    for (const [text, name] of [
      [nested(100_000), 'rows.jsonl'],
      [`[${nested(1001)}]`, 'rows.json'],
    ] as const) {
      await assert.rejects(
        readAll({ source: diskSource({ path: await fileWith(text, name) }) }),
        invalid(/:1: .*nested deeper than 1000 levels/),
      );
    }
  });

  test('does not let __proto__ keys reach any prototype', async () => {
    const path = await fileWith('{"__proto__":{"polluted":true},"a":1}\n', 'rows.jsonl');
    const transformations = [
      { kind: 'rename_fields' as const, mapping: { a: 'b' }, overwrite: false },
      { kind: 'add_new_field' as const, mapping: { c: 1 } },
    ];
    const [row] = await readRows({ source: diskSource({ path, transformations }) });
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    assert.equal((row as Record<string, unknown>)['polluted'], undefined);
    assert.equal(JSON.stringify(row), '{"__proto__":{"polluted":true},"b":1,"c":1}');
  });

  test('stops reading when it is left, and when it is aborted', async () => {
    const path = await fileWith('{"a":1}\n'.repeat(1000), 'rows.jsonl');
    for await (const entry of openSource({
      source: diskSource({ path }),
      functions: noFunctions,
      environment: {},
      signal: new AbortController().signal,
    })) {
      assert.ok(entry.ok);
      break;
    }
    await assert.rejects(readAll({ source: diskSource({ path }), signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
  });
});

describe('a JSON source', () => {
  test('reads a list of objects however it is laid out', async () => {
    const rows = [{ a: [1, { b: ']}"\\' }] }, { a: { c: '[{' } }, {}];
    for (const text of [JSON.stringify(rows), JSON.stringify(rows, null, 2), `\ufeff \n${JSON.stringify(rows)} \n`]) {
      assert.deepEqual(await readRows({ source: diskSource({ path: await fileWith(text, 'rows.json') }) }), rows);
    }
    assert.deepEqual(await readRows({ source: diskSource({ path: await fileWith(' [ ] ', 'rows.json') }) }), []);
  });

  const broken: [title: string, text: string, message: RegExp][] = [
    ['an object at the top', '{"rows": []}', /rows\.json:1: the file does not begin with a list but with: \{"rows"/],
    ['an empty file', '', /the file is empty/],
    [
      'a list that is cut off',
      '[{"a":1},\n{"a":"x',
      /rows\.json:2: the file ends inside item 2, which begins at line 2/,
    ],
    ['a missing item', '[{"a":1},,{"a":2}]', /an item is missing/],
    ['a comma behind the last item', '[{"a":1},]', /an item is missing/],
    ['something behind the list', '[{"a":1}] {"a":2}', /more after the end of the list/],
    ['an item that is not JSON', '[\n{"a":1},\n{"a" 1}]', /rows\.json:3: item 2 is not JSON/],
    ['an item that is no object', '[1]', /item 1 is not a JSON object/],
  ];
  for (const [title, text, message] of broken) {
    test(`refuses ${title} by its line`, async () => {
      await assert.rejects(
        readAll({ source: diskSource({ path: await fileWith(text, 'rows.json') }) }),
        invalid(message),
      );
    });
  }

  test('says how to read one object a line', async () => {
    const path = await fileWith('{"a":1}\n{"a":2}\n', 'rows.json');
    await assert.rejects(readAll({ source: diskSource({ path }) }), (error: { nextStep: string }) =>
      /file_format: jsonl/.test(error.nextStep),
    );
  });

  test('hands on a bad item where the policy is to skip', async () => {
    const path = await fileWith('[{"a":1},\n{"a" 1}, 7,\n{"a":2}]', 'rows.json');
    const entries = await readAll({ source: diskSource({ path, onBadRecord: 'skip' }) });
    assert.deepEqual(
      entries.map((entry) => (entry.ok ? entry.row : entry.location.slice(-2))),
      [{ a: 1 }, ':2', ':2', { a: 2 }],
    );
  });

  test('reads any list of objects as JSON.parse does', async () => {
    const path = await fileWith('', 'rows.json');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
        fc.constantFrom(0, 1),
        async (rows, indent) => {
          const text = JSON.stringify(rows, null, indent);
          await writeFile(path, text);
          assert.deepEqual(
            JSON.stringify(await readRows({ source: diskSource({ path }) })),
            JSON.stringify(JSON.parse(text)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a CSV source', () => {
  test('reads quoted cells with commas, quotes and line breaks, and keeps cells as text', async () => {
    const path = await fileWith('\ufeffid,text\r\n007,"a, ""b""\nc"\r\n\r\n8,\r\n', 'rows.csv');
    assert.deepEqual(await readRows({ source: diskSource({ path }) }), [
      { id: '007', text: 'a, "b"\nc' },
      { id: '8', text: '' },
    ]);
  });

  test('names the line of a row with too many or too few cells', async () => {
    const many = await fileWith('a,b\n"x\ny",1\n\n1,2,3\n', 'rows.csv');
    await assert.rejects(
      readAll({ source: diskSource({ path: many }) }),
      invalid(/rows\.csv:5: the row has 3 cells, but the header has 2 columns \(a, b\)/),
    );
    const few = await fileWith('a,b\n1\n', 'rows.csv');
    await assert.rejects(readAll({ source: diskSource({ path: few }) }), invalid(/rows\.csv:2: the row has 1 cells/));
    const entries = await readAll({
      source: diskSource({ path: await fileWith('a,b\n1,2\n1,2,3\n3,4\n', 'rows.csv'), onBadRecord: 'skip' }),
    });
    assert.deepEqual(
      entries.map((entry) => (entry.ok ? entry.row['a'] : entry.location.slice(-2))),
      ['1', ':3', '3'],
    );
  });

  test('stops at a broken quote under either policy, since the rows behind it cannot be told', async () => {
    for (const [text, message] of [
      ['a,b\n1,2\n"bad,3\n4,5\n', /rows\.csv:3: a double quote is opened in this row and never closed/],
      ['a,b\n"ba"d,2\n', /rows\.csv:2: text follows the closing double quote/],
      ['a,b\nba"d,2\n', /rows\.csv:2: a double quote stands in the middle/],
    ] as const) {
      const path = await fileWith(text, 'rows.csv');
      for (const onBadRecord of ['stop', 'skip'] as const)
        await assert.rejects(readAll({ source: diskSource({ path, onBadRecord }) }), invalid(message));
    }
  });

  test('refuses an empty file, a column without a name and a column that appears twice', async () => {
    for (const [text, message] of [
      ['', /empty/],
      ['a,,b\n', /column 2 has no name/],
      ['a,b,a\n', /'a' appears twice/],
    ] as const) {
      await assert.rejects(
        readAll({ source: diskSource({ path: await fileWith(text, 'rows.csv') }) }),
        invalid(message),
      );
    }
  });

  test('names the row whose bytes are not UTF-8', async () => {
    const path = await fileWith(
      Buffer.concat([Buffer.from('a\ngood\nb'), Buffer.from([0xe9]), Buffer.from('d\nlast\n')]),
      'rows.csv',
    );
    await assert.rejects(readAll({ source: diskSource({ path }) }), invalid(/rows\.csv:3: the row is not UTF-8/));
    assert.deepEqual(await readRows({ source: diskSource({ path, encoding: 'latin-1' }) }), [
      { a: 'good' },
      { a: 'béd' },
      { a: 'last' },
    ]);
  });
});

describe('an encoding', () => {
  test('is taken by its WHATWG or Python name', async () => {
    const text = '{"a":"naïve"}\n{"a":"ß"}\n';
    for (const [encoding, bytes] of [
      ['latin-1', Buffer.from(text, 'latin1')],
      ['utf-16le', Buffer.from(`\ufeff${text}`, 'utf16le')],
      ['utf_16', Buffer.from(text, 'utf16le')],
      ['UTF8', Buffer.from(text)],
      ['utf-8-sig', Buffer.from(`\ufeff${text}`)],
    ] as const) {
      const path = await fileWith(bytes, 'rows.jsonl');
      assert.deepEqual(await readRows({ source: diskSource({ path, encoding }) }), [{ a: 'naïve' }, { a: 'ß' }]);
    }
  });

  test('that nobody knows, or that the bytes are not in, is refused by name', async () => {
    const path = await fileWith(Buffer.from([0x7b, 0xff, 0xff]), 'rows.jsonl');
    await assert.rejects(
      readAll({ source: diskSource({ path, encoding: 'klingon' }) }),
      invalid(/'klingon' is not known/),
    );
    await assert.rejects(
      readAll({ source: diskSource({ path, encoding: 'shift_jis' }) }),
      invalid(/rows\.jsonl: is not shift_jis/),
    );
  });
});

describe('a source', () => {
  test('that does not exist is refused by its path', async () => {
    for (const format of ['jsonl', 'json', 'csv', 'parquet'] as const) {
      await assert.rejects(readAll({ source: diskSource({ path: `/nowhere/rows.${format}` }) }), {
        code: 'SOURCE_NOT_FOUND',
        message: /\/nowhere\/rows/,
      });
    }
  });

  test('that is a folder is refused', async () => {
    const path = await temporaryFolder();
    for (const format of ['jsonl', 'parquet'] as const)
      await assert.rejects(readAll({ source: diskSource({ path, format }) }), invalid(/is a folder/));
  });
});

describe('a Parquet source', () => {
  const rows = Array.from({ length: 3000 }, (_, id) => ({
    id,
    text: `row ${id}`,
    tags: id % 3 === 0 ? null : ['a', null],
    meta: { n: id / 2 },
  }));
  const written = async (): Promise<string> => {
    const path = await fileWith('', 'rows.parquet');
    await writeOutput({ rows: asStream(rows), path, format: 'parquet', encoding: 'utf-8' });
    return path;
  };

  test('gives nested rows in order', async () => {
    assert.deepEqual(await readRows({ source: diskSource({ path: await written() }) }), rows);
  });

  test('that is cut off, too short or something else is refused by name', async () => {
    const content = await readFile(await written());
    const cases: [Uint8Array, RegExp][] = [
      [content.subarray(0, 5), /rows\.parquet: it has only 5 bytes/],
      [content.subarray(0, -1000), /it does not end with PAR1: it is cut off/],
      [
        Buffer.concat([content.subarray(0, 2000), Buffer.from('PAR1')]),
        /it is broken and cannot be read before its first row/,
      ],
      [Buffer.from('{"a":1}\n{"a":2}\n'), /it is not a Parquet file/],
    ];
    for (const [bytes, message] of cases) {
      await assert.rejects(
        readAll({ source: diskSource({ path: await fileWith(bytes, 'rows.parquet') }) }),
        invalid(message),
      );
    }
  });

  test('with a damaged page is refused, and the process goes on', async () => {
    const path = await written();
    const content = await readFile(path);
    content.fill(0x5a, 100, 2000);
    await writeFile(path, content);
    await assert.rejects(
      readAll({ source: diskSource({ path }) }),
      invalid(/it is broken and cannot be read before its first row/),
    );
    assert.equal((await readRows({ source: diskSource({ path: await written() }) })).length, rows.length);
  });
});
