import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as arrow from 'apache-arrow';
import { Table, writeParquet } from 'parquet-wasm';
import { fileWith, parquetRows } from './helpers.ts';

const cases: [title: string, vector: () => arrow.Vector, expected: unknown[]][] = [
  [
    '64-bit integers as numbers, and as text beyond 2^53',
    () => arrow.vectorFromArray([1n, null, 2n ** 60n, -(2n ** 53n)], new arrow.Int64()),
    [1, null, '1152921504606846976', '-9007199254740992'],
  ],
  ['unsigned integers and small ones', () => arrow.vectorFromArray([0, 255, null], new arrow.Uint8()), [0, 255, null]],
  [
    'floats, with NaN and infinities as null',
    () => arrow.vectorFromArray([1.5, NaN, Infinity, null], new arrow.Float64()),
    [1.5, null, null, null],
  ],
  [
    'dates as days',
    () => arrow.vectorFromArray([new Date('2024-02-29T00:00:00Z'), null], new arrow.DateDay()),
    ['2024-02-29', null],
  ],
  [
    'timestamps with a zone as UTC',
    () => arrow.vectorFromArray([Date.UTC(2024, 1, 29, 12, 30, 15, 250)], new arrow.TimestampMillisecond('UTC')),
    ['2024-02-29T12:30:15.250Z'],
  ],
  [
    'timestamps without a zone as local',
    () => arrow.vectorFromArray([Date.UTC(2024, 1, 29, 12)], new arrow.TimestampMillisecond()),
    ['2024-02-29T12:00:00.000'],
  ],
  ['times of day', () => arrow.vectorFromArray([3_661_500], new arrow.TimeMillisecond()), ['01:01:01.5']],
  [
    'binary as base64',
    () => arrow.vectorFromArray([new Uint8Array([0, 255, 16]), null], new arrow.Binary()),
    ['AP8Q', null],
  ],
  ['dictionaries as their values', () => arrow.vectorFromArray(['x', 'y', null, 'x']), ['x', 'y', null, 'x']],
  ['booleans', () => arrow.vectorFromArray([true, null, false], new arrow.Bool()), [true, null, false]],
  ['large text', () => arrow.vectorFromArray(['é', null], new arrow.LargeUtf8()), ['é', null]],
  [
    'maps as objects',
    () =>
      arrow.vectorFromArray(
        [
          new Map([
            ['k', 1],
            ['__proto__', 2],
          ]),
        ],
        new arrow.Map_(
          new arrow.Field(
            'entries',
            new arrow.Struct([
              new arrow.Field('key', new arrow.Utf8(), false),
              new arrow.Field('value', new arrow.Int32(), true),
            ]),
            false,
          ) as never,
        ),
      ),
    [JSON.parse('{"k":1,"__proto__":2}')],
  ],
];

const decimals = (): arrow.Vector => {
  const words = new Uint32Array([12345, 0, 0, 0, 0xffff_fffb, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff]);
  return new arrow.Vector([arrow.makeData({ type: new arrow.Decimal(2, 10), length: 2, nullCount: 0, data: words })]);
};
cases.push(['decimals as text with their digits', decimals, ['123.45', '-0.05']]);

for (const [title, vector, expected] of cases) {
  test(`a Parquet source gives ${title}`, async () => {
    const table = new arrow.Table({ value: vector() });
    const path = await fileWith(writeParquet(Table.fromIPCStream(arrow.tableToIPC(table, 'stream'))), 'types.parquet');
    assert.deepEqual(
      (await parquetRows(path)).map((row) => row['value']),
      expected,
    );
  });
}
