import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SpilledRows } from '../../../activities/data/join/spilled-rows.ts';
import { openSource } from '../../../activities/data/open-source.ts';
import { readSourceIdentity, sourceChanged } from '../../../activities/data/source-identity.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { JoinedPartPlan, JoinedSourcePlan, JoinPlan } from '../../../pipeline/plan.ts';
import { diskSource, fileWith, noFunctions, readAll } from './helpers.ts';

interface PartText {
  alias: string;
  join: JoinPlan;
  rows: JsonObject[];
}

async function joined(parts: PartText[]): Promise<JoinedSourcePlan> {
  const plans = await Promise.all(
    parts.map(async ({ alias, join: how, rows }): Promise<JoinedPartPlan> => {
      const path = await fileWith(rows.map((row) => `${JSON.stringify(row)}\n`).join(''), `${alias}.jsonl`);
      return { alias, join: how, source: diskSource({ path }) };
    }),
  );
  return { type: 'joined', parts: plans, transformations: [], onBadRecord: 'stop' };
}

async function rowsOf(source: JoinedSourcePlan, seed = 0): Promise<JsonObject[]> {
  return (await readAll({ source, seed })).map((entry) => (entry.ok ? entry.row : { bad: entry.message }));
}

const people: PartText = { alias: 'p', join: { kind: 'primary' }, rows: [1, 2, 3, 4, 5].map((n) => ({ n })) };
const letters = (...names: string[]): JsonObject[] => names.map((l) => ({ l }));
/** The values of these columns, one after the other, of each row. */
const texts = (rows: JsonObject[], ...columns: string[]): string[] =>
  rows.map((row) => columns.map((column) => `${row[column] as string | number | null}`).join(''));
const pairs = (rows: JsonObject[]): string[] => texts(rows, 'p->n', 's->l');

describe('joined sources', () => {
  it('take rows in turn, beginning again, with join_type sequential', async () => {
    const short = await joined([people, { alias: 's', join: { kind: 'sequential' }, rows: letters('a', 'b') }]);
    assert.deepEqual(pairs(await rowsOf(short)), ['1a', '2b', '3a', '4b', '5a']);
    const long = await joined([people, { alias: 's', join: { kind: 'sequential' }, rows: letters(...'abcdefg') }]);
    assert.deepEqual(pairs(await rowsOf(long)), ['1a', '2b', '3c', '4d', '5e']);
  });

  it('give each row with each other one with join_type cross', async () => {
    const source = await joined([{ ...people, rows: [{ n: 1 }, { n: 2 }] }, { alias: 's', join: { kind: 'cross' }, rows: letters('a', 'b') }]);
    assert.deepEqual(pairs(await rowsOf(source)), ['1a', '1b', '2a', '2b']);
  });

  it('are a left join of all matches with join_type column; texts and numbers match', async () => {
    const matches: JsonObject[] = [{ k: '2', l: 'a' }, { k: 5, l: 'b' }, { k: 2, l: 'c' }, { k: null, l: 'd' }, { l: 'e' }, { k: { value: '3', display_value: 'Three' }, l: 'f', more: 1 }];
    const source = await joined([
      { ...people, rows: [...people.rows, { n: null }] },
      { alias: 's', join: { kind: 'column', primaryKey: 'n', joinKey: 'k' }, rows: matches },
    ]);
    const rows = await rowsOf(source);
    assert.deepEqual(pairs(rows), ['1null', '2a', '2c', '3f', '4null', '5b', 'nullnull']);
    assert.deepEqual(rows[0], { 'p->n': 1, 's->k': null, 's->l': null, 's->more': null });
  });

  it('draw by seed and record with join_type random, whatever stands before', async () => {
    const secondary: PartText = { alias: 's', join: { kind: 'random' }, rows: letters(...'abcdefghij') };
    const many = Array.from({ length: 300 }, (_, n) => ({ n: n % 250 }));
    const source = await joined([{ ...people, rows: many }, secondary]);
    const drawn = pairs(await rowsOf(source, 7));
    assert.deepEqual(pairs(await rowsOf(source, 7)), drawn);
    assert.notDeepEqual(pairs(await rowsOf(source, 8)), drawn);
    assert.equal(new Set(drawn.map((pair) => pair.at(-1))).size, 10);
    const shifted = await joined([{ ...people, rows: [{ n: 1000 }, ...many] }, secondary]);
    assert.deepEqual(pairs(await rowsOf(shifted, 7)).slice(1), drawn);
  });

  it('join one after the other in the order of the file', async () => {
    const source = await joined([
      { ...people, rows: [{ n: 1 }, { n: 2 }] },
      { alias: 's', join: { kind: 'cross' }, rows: letters('a', 'b') },
      { alias: 't', join: { kind: 'sequential' }, rows: letters('x', 'y', 'z') },
    ]);
    const rows = await rowsOf(source);
    assert.deepEqual(texts(rows, 'p->n', 's->l', 't->l'), ['1ax', '1by', '2az', '2bx']);
  });

  it('follow one another with join_type vstack, with the columns that all have', async () => {
    const source = await joined([
      { alias: 'a', join: { kind: 'vstack' }, rows: [{ id: 1, text: 'x', only: 1 }, { id: 2 }] },
      { alias: 'b', join: { kind: 'vstack' }, rows: [{ text: 'y', id: 3, other: 2 }] },
    ]);
    assert.deepEqual(await rowsOf(source), [
      { id: 1, text: 'x' },
      { id: 2, text: null },
      { id: 3, text: 'y' },
    ]);
  });

  it('hand on rows that cannot be read, of whichever source', async () => {
    const source = await joined([people, { alias: 's', join: { kind: 'sequential' }, rows: letters('a') }]);
    const bad: JoinedSourcePlan = { ...source, parts: source.parts.map((part) => ({ ...part, source: { ...part.source, onBadRecord: 'skip' } })) };
    for (const part of bad.parts) if (part.source.type === 'disk') await writeFile(part.source.path, '{broken\n', { flag: 'a' });
    const entries = await readAll({ source: bad });
    assert.deepEqual(entries.map((entry) => entry.ok), [false, true, true, true, true, true, false]);
  });

  it('need rows to join with', async () => {
    const source = await joined([people, { alias: 's', join: { kind: 'random' }, rows: [] }]);
    await assert.rejects(rowsOf(source), { code: 'SOURCE_INVALID', message: /alias s\) has no rows/ });
    const left = await joined([people, { alias: 's', join: { kind: 'column', primaryKey: 'n', joinKey: 'k' }, rows: [] }]);
    assert.deepEqual(await rowsOf(left), people.rows.map(({ n }) => ({ 'p->n': n! })));
  });

  it('have the identity of all their parts', async () => {
    const source = await joined([people, { alias: 's', join: { kind: 'cross' }, rows: letters('a') }]);
    const identity = await readSourceIdentity(source, {});
    assert.equal(identity.parts?.length, 2);
    assert.equal(await sourceChanged(source, identity), false);
    const second = source.parts[1]?.source;
    assert.ok(second?.type === 'disk');
    await writeFile(second.path, '{"l":"b"}\n{"l":"c"}\n');
    assert.equal(await sourceChanged(source, identity), true);
    assert.notEqual((await readSourceIdentity(source, {})).version, identity.version);
  });

  it('leave nothing behind when reading stops early', async () => {
    const source = await joined([people, { alias: 's', join: { kind: 'cross' }, rows: letters('a', 'b') }]);
    for await (const row of openSource({ source, functions: noFunctions, environment: {}, signal: new AbortController().signal })) {
      assert.ok(row.ok);
      break;
    }
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith(`syngraph-join-${process.pid}-`));
    assert.deepEqual(left, []);
  });
});

describe('the rows of a source that joins', () => {
  it('are found by their key in their order, whatever the keys are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.oneof(fc.string({ maxLength: 2 }), fc.constant(null)), fc.string()), { maxLength: 60 }), async (entries) => {
        const rows = entries.map(([key, text]): JsonObject => ({ key, text }));
        async function* batches(): AsyncGenerator<{ ok: true; row: JsonObject }[]> {
          await Promise.resolve();
          for (let start = 0; start < rows.length; start += 7) yield rows.slice(start, start + 7).map((row) => ({ ok: true, row }));
        }
        const spilled = await SpilledRows.read(batches(), { name: 'rows', keyOf: (row) => row['key'] as string | null });
        try {
          assert.deepEqual(rows.map((_, index) => spilled.row(index)), rows);
          for (const key of new Set(entries.map(([each]) => each ?? ''))) {
            assert.deepEqual([...spilled.matches(key)], rows.filter((row) => row['key'] === key));
          }
        } finally {
          await spilled.close();
        }
      }),
      { numRuns: 50 },
    );
  });

  it('may be many, but not without a limit, which the error names', async () => {
    async function* batches(): AsyncGenerator<{ ok: true; row: JsonObject }[]> {
      await Promise.resolve();
      for (let start = 0; start < 3; start += 1) yield Array.from({ length: 1000 }, (_, n) => ({ ok: true as const, row: { n } }));
    }
    await assert.rejects(SpilledRows.read(batches(), { name: 'big.jsonl', mostRows: 2500 }), {
      code: 'SOURCE_INVALID',
      message: /big\.jsonl has more than 2,500 rows/,
    });
    const spilled = await SpilledRows.read(batches(), { name: 'big.jsonl' });
    assert.deepEqual([spilled.length, spilled.row(2999)], [3000, { n: 999 }]);
    await spilled.close();
  });
});

describe('the fields of a source', () => {
  it('are the only columns that are kept, in their order', async () => {
    const path = await fileWith('{"a":1,"b":2,"c":3}\n{"c":4}\n', 'rows.jsonl');
    const source = diskSource({ path, transformations: [{ kind: 'select_fields', fields: ['c', 'a'] }] });
    assert.deepEqual(await readAll({ source }), [{ ok: true, row: { c: 3, a: 1 } }, { ok: true, row: { c: 4 } }]);
  });
});
