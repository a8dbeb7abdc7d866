import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sampleColumns } from '../../../activities/data/sample-source.ts';
import { writeOutput } from '../../../activities/data/write-output.ts';
import { asStream, diskSource, fileWith, temporaryFolder } from './helpers.ts';

test('a sample has the columns of the first rows, before transformations, and the first row', async () => {
  const path = await fileWith('not json\n{"a":1}\n{"b":2,"a":3}\n', 'rows.jsonl');
  const transformations = [{ kind: 'rename_fields' as const, mapping: { a: 'z' }, overwrite: false }];
  assert.deepEqual(await sampleColumns(diskSource({ path, transformations }), {}), {
    columns: ['a', 'b'],
    sample: { a: 1 },
  });
});

test('a sample of a file without rows knows no columns, except from a Parquet schema', async () => {
  assert.deepEqual(await sampleColumns(diskSource({ path: await fileWith('', 'rows.jsonl') }), {}), {
    columns: null,
    sample: null,
  });
  const path = join(await temporaryFolder(), 'rows.parquet');
  await writeOutput({ rows: asStream([{ a: 1, b: 'x' }]), path, format: 'parquet', encoding: 'utf-8' });
  assert.deepEqual(await sampleColumns(diskSource({ path }), {}), { columns: ['a', 'b'], sample: null });
});

test('a sample of a file that cannot be read is an error', async () => {
  await assert.rejects(sampleColumns(diskSource({ path: '/nowhere.jsonl' }), {}), { code: 'SOURCE_NOT_FOUND' });
  await assert.rejects(sampleColumns(diskSource({ path: await fileWith('{}', 'rows.json') }), {}), {
    code: 'SOURCE_INVALID',
  });
});
