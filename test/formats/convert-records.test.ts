import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertRecords, type ConvertedRecord } from '../../formats/convert-records.ts';
import type { FormatRow } from '../../formats/group-records.ts';
import type { TrainingFormatName } from '../../formats/training-formats.ts';
import type { JsonObject } from '../../pipeline/json.ts';

async function convert(rows: (JsonObject | Error)[], format: TrainingFormatName): Promise<ConvertedRecord[]> {
  async function* source(): AsyncGenerator<FormatRow> {
    for (const [index, row] of rows.entries()) yield row instanceof Error ? { ok: false, message: row.message, location: `in.jsonl:${index + 1}` } : { ok: true, row };
  }
  const converted: ConvertedRecord[] = [];
  for await (const record of convertRecords({ rows: source(), format, createdAt: null })) converted.push(record);
  return converted;
}

test('a record that cannot be converted fails alone, with its row, field and reason', async () => {
  const converted = await convert([{ prompt: 'a', response: 'b' }, { title: 'x' }, new Error('no JSON'), { messages: [{ role: 'user', content: 'x' }] }, { prompt: 'c', response: 'd' }], 'openai');
  assert.deepEqual(converted.map(({ ok }) => ok), [true, false, false, false, true]);
  const failed = converted.filter((record) => !record.ok);
  assert.deepEqual(failed.map(({ row, field, location }) => [row, field, location]), [[2, null, undefined], [3, null, 'in.jsonl:3'], [4, 'openai row 2, messages[0].role', undefined]]);
  assert.deepEqual(failed.map(({ records }) => records.length), [1, 0, 1]);
  assert.match(failed[0]!.reason, /looked for/);
});

test('rows of OASST are gathered by their trees, and other rows between them pass', async () => {
  const pair = { prompt: 'a', response: 'b' };
  const written = (await convert([pair, pair, { prompt: 'e', response: 'f' }], 'oasst-sft')).flatMap((record) => (record.ok ? record.rows : assert.fail(record.reason)));
  const back = await convert([...written.slice(0, 4), pair, ...written.slice(4)], 'alpaca');
  assert.deepEqual(back.map((record) => (record.ok ? record.rows.map(({ instruction }) => instruction) : record.reason)), [['a'], ['a'], ['a'], ['e']]);
  const torn = await convert([...written.slice(0, 1), pair, ...written.slice(1, 2), ...written.slice(4)], 'alpaca');
  assert.deepEqual(torn.map((record) => (record.ok ? 'ok' : record.row)), [1, 'ok', 3, 'ok']);
});
