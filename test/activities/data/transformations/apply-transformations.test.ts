import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { applyTransformations } from '../../../../activities/data/transformations/apply-transformations.ts';
import type { TransformContext } from '../../../../activities/data/transformations/transform-context.ts';
import type { SourceRow } from '../../../../activities/data/record-source.ts';
import type { JsonObject } from '../../../../pipeline/json.ts';
import type { TransformationPlan } from '../../../../pipeline/plan.ts';
import { noFunctions } from '../helpers.ts';

const bad: SourceRow = { ok: false, message: 'is not JSON', location: 'rows.jsonl:2' };

async function apply(
  rows: (JsonObject | SourceRow)[],
  plans: TransformationPlan[],
  options: Partial<TransformContext> & { batchRows?: number } = {},
): Promise<SourceRow[]> {
  const entries = rows.map((row): SourceRow => (row === bad ? bad : { ok: true, row: row }));
  const { batchRows = 3 } = options;
  const batches = async function* (): AsyncGenerator<SourceRow[]> {
    for (let start = 0; start < entries.length; start += batchRows) yield entries.slice(start, start + batchRows);
  };
  const context: TransformContext = {
    functions: noFunctions,
    onBadRecord: 'stop',
    name: 'rows.jsonl',
    signal: new AbortController().signal,
    ...options,
  };
  const result: SourceRow[] = [];
  for await (const batch of applyTransformations(batches(), plans, context)) result.push(...batch);
  return result;
}

async function rowsAfter(...parameters: Parameters<typeof apply>): Promise<JsonObject[]> {
  return (await apply(...parameters)).flatMap((entry) => (entry.ok ? [entry.row] : []));
}

const numbered = (count: number): JsonObject[] => Array.from({ length: count }, (_, n) => ({ n }));
const numbers = (rows: JsonObject[]): unknown[] => rows.map(({ n }) => n);

describe('rename_fields', () => {
  test('renames in place and passes over columns that are not there', async () => {
    const plan: TransformationPlan = { kind: 'rename_fields', mapping: { a: 'x', nothing: 'y' }, overwrite: false };
    assert.equal(JSON.stringify(await rowsAfter([{ a: 1, b: 2 }, { b: 3 }], [plan])), '[{"x":1,"b":2},{"b":3}]');
  });

  test('replaces a column of the new name only when told to', async () => {
    const plan = { kind: 'rename_fields' as const, mapping: { a: 'b' } };
    assert.deepEqual(await rowsAfter([{ a: 1, b: 2 }], [{ ...plan, overwrite: true }]), [{ b: 1 }]);
    await assert.rejects(apply([{ a: 1 }, { a: 1, b: 2 }], [{ ...plan, overwrite: false }]), {
      code: 'SOURCE_INVALID',
      message: /rows\.jsonl row 2: .*'a' to 'b'.*overwrite: true/,
    });
    const [entry] = await apply([{ a: 1, b: 2 }], [{ ...plan, overwrite: false }], { onBadRecord: 'skip' });
    assert.equal(entry?.ok, false);
  });

  test('can swap two columns step by step', async () => {
    const plan: TransformationPlan = { kind: 'rename_fields', mapping: { a: 'c', b: 'a', c: 'b' }, overwrite: false };
    assert.deepEqual(await rowsAfter([{ a: 1, b: 2 }], [plan]), [{ b: 1, a: 2 }]);
  });
});

test('add_new_field sets fixed values over what was there', async () => {
  assert.deepEqual(await rowsAfter([{ a: 1 }, {}], [{ kind: 'add_new_field', mapping: { a: [0], b: null } }]), [
    { a: [0], b: null },
    { a: [0], b: null },
  ]);
});

describe('skip_records', () => {
  test('leaves out as many as are counted from both ends', async () => {
    const skip = (fromStart: number, fromEnd: number): TransformationPlan => ({
      kind: 'skip_records',
      count: { fromStart, fromEnd },
    });
    assert.deepEqual(numbers(await rowsAfter(numbered(10), [skip(2, 3)])), [2, 3, 4, 5, 6]);
    assert.deepEqual(numbers(await rowsAfter(numbered(10), [skip(0, 0)])), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(await rowsAfter(numbered(3), [skip(2, 2)]), []);
  });

  test('leaves out what slices of the whole list would take, whatever the batches', async () => {
    const bound = fc.option(fc.integer({ min: -12, max: 12 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ from: bound, to: bound }), { maxLength: 3 }),
        fc.nat(15),
        fc.integer({ min: 1, max: 6 }),
        async (ranges, count, batchRows) => {
          const skipped = new Set(
            ranges.flatMap(({ from, to }) => {
              const start = from === null ? 0 : from < 0 ? count + from : from;
              const end = to === null ? count : to < 0 ? count + to : to;
              return Array.from({ length: count }, (_, n) => n).filter((n) => n >= start && n < end);
            }),
          );
          const left = numbers(await rowsAfter(numbered(count), [{ kind: 'skip_records', ranges }], { batchRows }));
          assert.deepEqual(
            left,
            numbers(numbered(count)).filter((n) => !skipped.has(n as number)),
          );
        },
      ),
    );
  });
});

describe('combine_records', () => {
  const plan = {
    kind: 'combine_records' as const,
    skip: { fromBeginning: 0, fromEnd: 0 },
    combine: 2,
    shift: 1,
    joinColumn: {} as Record<string, string>,
  };

  test('joins windows by their templates, takes other columns from the first, keeps the last window', async () => {
    const rows = [
      { page: 11, text: 'a', type: 'x' },
      { page: 12, text: 'b', type: 'y' },
      { page: 13, text: 'c', type: 'z' },
    ];
    assert.deepEqual(await rowsAfter(rows, [{ ...plan, joinColumn: { page: '$1-$2', text: '$2\n\n$1' } }]), [
      { page: '11-12', text: 'b\n\na', type: 'x' },
      { page: '12-13', text: 'c\n\nb', type: 'y' },
    ]);
  });

  test('skips at both ends, moves by its shift and leaves out what fills no window', async () => {
    const joinColumn = { n: '$1,$2,$3' };
    const windows = async (count: number, shift: number): Promise<unknown[]> =>
      numbers(
        await rowsAfter(numbered(count), [
          { ...plan, combine: 3, shift, skip: { fromBeginning: 1, fromEnd: 1 }, joinColumn },
        ]),
      );
    assert.deepEqual(await windows(9, 3), ['1,2,3', '4,5,6']);
    assert.deepEqual(await windows(9, 2), ['1,2,3', '3,4,5', '5,6,7']);
    assert.deepEqual(await windows(10, 5), ['1,2,3', '6,7,8']);
    assert.deepEqual(await windows(4, 1), []);
  });

  test('tells $1 from $10, keeps a lone placeholder as it is, and reads no placeholders in the rows', async () => {
    const rows = Array.from({ length: 10 }, (_, n) => ({ n, text: n === 0 ? '$2' : `t${n}`, list: [n] }));
    const [row] = await rowsAfter(rows, [
      { ...plan, combine: 10, joinColumn: { n: '$1 $10 $11', text: '$1$2', list: '$2' } },
    ]);
    assert.deepEqual(row, { n: '0 9 $11', text: '$2t1', list: [1] });
  });

  test('refuses to join a column that a row does not have, by its name', async () => {
    await assert.rejects(apply([{ a: 1 }, { b: 2 }], [{ ...plan, joinColumn: { a: '$1-$2' } }]), {
      code: 'SOURCE_INVALID',
      message: /window 1: .*'a', which row 2 .* columns are b/,
    });
  });

  test('passes a bad row on and leaves it out of the windows', async () => {
    const entries = await apply([{ n: 0 }, bad, { n: 1 }], [{ ...plan, joinColumn: { n: '$1-$2' } }], {
      onBadRecord: 'skip',
    });
    assert.deepEqual(entries, [bad, { ok: true, row: { n: '0-1' } }]);
  });
});

describe('filter', () => {
  const filter = (functionName = 'f.ts#even'): TransformationPlan => ({
    kind: 'filter',
    function: functionName,
    params: { step: 2 },
  });

  test('keeps rows in order by the answers of the function', async () => {
    const functions = {
      ...noFunctions,
      filter: async (reference: string, row: JsonObject, params: JsonObject) =>
        reference === 'f.ts#even' && (row['n'] as number) % (params['step'] as number) === 0,
    };
    assert.deepEqual(
      numbers(await rowsAfter(numbered(700), [filter()], { functions, batchRows: 600 })),
      numbers(numbered(700)).filter((n) => (n as number) % 2 === 0),
    );
  });

  test('names row and function when it throws or answers something else', async () => {
    const throwing = {
      ...noFunctions,
      filter: async (_: string, row: JsonObject) => (row['n'] === 4 ? Promise.reject(new Error('boom')) : true),
    };
    await assert.rejects(apply(numbered(6), [filter()], { functions: throwing }), {
      code: 'SOURCE_INVALID',
      message: /rows\.jsonl row 5: the filter f\.ts#even failed: boom/,
    });
    const entries = await apply(numbered(6), [filter()], { functions: throwing, onBadRecord: 'skip' });
    assert.deepEqual(
      entries.map(({ ok }) => ok),
      [true, true, true, true, false, true],
    );
    const vague = { ...noFunctions, filter: async () => 'yes' as unknown as boolean };
    await assert.rejects(
      apply(numbered(1), [filter()], { functions: vague }),
      /answered "yes"; a filter answers true or false/,
    );
  });
});

describe('a user transform', () => {
  const user: TransformationPlan = { kind: 'user', function: 'f.ts#sort', params: { by: 'n' } };

  test('gets all rows at once and may return any', async () => {
    const functions = {
      ...noFunctions,
      transform: async (_: string, rows: JsonObject[], params: JsonObject) => [
        { total: rows.length, params },
        ...rows.reverse(),
      ],
    };
    assert.deepEqual(await rowsAfter(numbered(5), [user], { functions }), [
      { total: 5, params: { by: 'n' } },
      { n: 4 },
      { n: 3 },
      { n: 2 },
      { n: 1 },
      { n: 0 },
    ]);
  });

  test('lets bad rows pass by it', async () => {
    const functions = { ...noFunctions, transform: async (_: string, rows: JsonObject[]) => rows };
    assert.deepEqual(await apply([{ n: 0 }, bad], [user], { functions, onBadRecord: 'skip' }), [
      bad,
      { ok: true, row: { n: 0 } },
    ]);
  });

  test('must return a list of records', async () => {
    for (const [answer, message] of [
      [{}, /no list of records/],
      [[{}, 7], /item 2 is not a record/],
    ] as const) {
      const functions = { ...noFunctions, transform: async () => answer as unknown as JsonObject[] };
      await assert.rejects(apply(numbered(1), [user], { functions }), { code: 'FUNCTION_FAILED', message });
    }
  });
});

test('transformations apply in their order', async () => {
  const plans: TransformationPlan[] = [
    { kind: 'skip_records', count: { fromStart: 1, fromEnd: 0 } },
    { kind: 'add_new_field', mapping: { x: 1 } },
    { kind: 'rename_fields', mapping: { x: 'y' }, overwrite: false },
  ];
  assert.deepEqual(await rowsAfter(numbered(2), plans), [{ n: 1, y: 1 }]);
});

describe('gather_conversations', () => {
  const plan: TransformationPlan = { kind: 'gather_conversations' };
  const tree = (name: string, parent: string | null = null): JsonObject[] => [
    { message_tree_id: name, message_id: `${name}1`, parent_id: parent, role: 'prompter', text: 'Why?' },
    { message_tree_id: name, message_id: `${name}2`, parent_id: `${name}1`, role: 'assistant', text: 'So.' },
  ];

  test('makes a conversation of each tree, wherever batches are parted, and lets other rows pass', async () => {
    for (const batchRows of [1, 2, 100]) {
      const rows = await rowsAfter([{ n: 1 }, ...tree('a'), ...tree('b'), { n: 2 }, ...tree('c')], [plan], { batchRows });
      assert.deepEqual(rows.map(({ n, conversation_id: id }) => n ?? id), [1, 'a', 'b', 2, 'c']);
      assert.deepEqual(rows[1]?.conversation, [{ role: 'user', content: 'Why?' }, { role: 'assistant', content: 'So.' }]);
    }
  });

  test('fails a tree that is none alone, or stops, as the source says', async () => {
    const rows = [...tree('a', 'elsewhere'), ...tree('b')];
    const entries = await apply(rows, [plan], { onBadRecord: 'skip' });
    assert.deepEqual(entries.map((entry) => (entry.ok ? entry.row.conversation_id : entry.location)), ['rows.jsonl row 1', 'b']);
    await assert.rejects(apply(rows, [plan]), { code: 'SOURCE_INVALID', message: /rows\.jsonl row 1: .*parent_id/ });
  });
});
