import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import type { KeyedRow } from '../../../activities/data/servicenow/sink-ledger.ts';
import { writeServiceNow } from '../../../activities/data/servicenow/servicenow-sink.ts';
import { openSinkLedger } from '../../../activities/run/sink-ledger.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { ServiceNowSinkPlan } from '../../../pipeline/plan.ts';
import { startFakeServiceNow, USER } from './fake-servicenow.ts';
import { CONNECTION } from './servicenow-connection.ts';

const server = await startFakeServiceNow();
const storeFolder = await mkdtemp(join(tmpdir(), 'syngraph-sink-'));
const store = createFolderStore(storeFolder);
after(() => Promise.all([server.close(), rm(storeFolder, { recursive: true, force: true })]));

let folder = '';
let tests = 0;
beforeEach(() => {
  folder = `runs/demo/run${(tests += 1)}/sinks/0`;
  server.tables.clear();
  server.tables.set('u_answers', []);
  server.tables.set('sys_db_object', [{ sys_id: 'table', name: 'u_answers' }]);
  server.requests.length = 0;
  server.faults.length = 0;
});

const environment = { SNOW_INSTANCE: server.url, SNOW_USERNAME: USER.username, SNOW_PASSWORD: USER.password };

function tableSink(sink: Partial<ServiceNowSinkPlan> = {}): ServiceNowSinkPlan {
  return {
    type: 'servicenow',
    alias: null,
    connection: CONNECTION,
    table: 'u_answers',
    operation: 'insert',
    keyField: 'sys_id',
    correlationField: null,
    ...sink,
  };
}

/** One attempt of a merge. */
async function write(values: JsonObject[], sink = tableSink(), scope = 'demo/run/0'): Promise<number> {
  const ledger = await openSinkLedger(store, folder);
  async function* rows(): AsyncGenerator<KeyedRow> {
    await Promise.resolve();
    for (const [index, row] of values.entries()) yield { key: `row${index}`, row };
  }
  try {
    const { written } = await writeServiceNow({ sink, rows, ledger, scope, environment, signal: new AbortController().signal });
    return written;
  } finally {
    await ledger.close();
  }
}

const table = (name = 'u_answers'): Record<string, string>[] => server.tables.get(name) ?? [];
const answers = (): unknown[] => table().map((row) => row['u_answer']).sort();
const ten = Array.from({ length: 10 }, (_, index) => ({ answer: `answer ${index}` }));

describe('a ServiceNow sink that inserts', () => {
  it('sends values as text, with the prefix of custom tables, and leaves out null and ids', async () => {
    await write([{ sys_id: 'mine', answer: 'yes', u_score: 7, isGood: true, tags: ['a'], from: { value: 'v', display_value: 'V' }, nothing: null }]);
    const [{ sys_id: id, sys_created_on: _, sys_updated_on: __, ...row } = {}] = table();
    assert.notEqual(id, 'mine');
    assert.deepEqual(row, { u_answer: 'yes', u_score: '7', u_isGood: 'true', u_tags: '["a"]', u_from: 'v' });
  });

  it('writes each row once, however often the merge is done', async () => {
    assert.equal(await write(ten), 10);
    assert.equal(await write([...ten, { answer: 'late' }]), 1);
    assert.deepEqual(answers(), [...ten.map((row) => row.answer), 'late']);
  });

  it('does not write a row twice whose answer was lost', async () => {
    server.faults.push({ cutAfter: true, match: /POST .*u_answers/ }, { cutAfter: true, match: /POST .*u_answers/ });
    assert.equal(await write(ten), 10);
    assert.deepEqual(answers(), ten.map((row) => row.answer));
  });

  it('does not write a row twice that was sent when the process died', async () => {
    const ledger = await openSinkLedger(store, folder);
    await ledger.sending('row0');
    await ledger.sending('row1');
    await ledger.close();
    // Only the first of the two was taken.
    table().push({ sys_id: 'taken', u_answer: 'answer 0', sys_created_on: new Date().toISOString().slice(0, 19).replace('T', ' ') });
    await write(ten);
    assert.deepEqual(answers(), ten.map((row) => row.answer));
  });

  it('takes a row of the same content from an earlier run for another one', async () => {
    table().push({ sys_id: 'old', u_answer: 'answer 0', sys_created_on: '2020-01-01 00:00:00' });
    const ledger = await openSinkLedger(store, folder);
    await ledger.sending('row0');
    await ledger.close();
    await write(ten.slice(0, 1));
    assert.deepEqual(answers(), ['answer 0', 'answer 0']);
  });

  it('finds a row by its mark where there is a correlation field, also among equal ones', async () => {
    const equal = [{ answer: 'same' }, { answer: 'same' }, { answer: 'same' }];
    const sink = tableSink({ correlationField: 'u_mark' });
    server.faults.push({ cutAfter: true, match: /POST .*u_answers/ }, { cutAfter: true, match: /POST .*u_answers/ });
    await write(equal, sink);
    assert.equal(table().length, 3);
    assert.equal(new Set(table().map((row) => row['u_mark'])).size, 3);
    assert.match(table()[0]?.['u_mark'] ?? '', /^syngraph-[0-9a-f]{32}$/);
  });

  it('waits where the instance limits the rate', async () => {
    server.faults.push({ status: 429, headers: { 'retry-after': '0' }, match: /POST/ });
    assert.equal(await write(ten), 10);
    assert.equal(table().length, 10);
  });

  it('writes the others where single rows are refused, and says so', async () => {
    server.faults.push({ status: 400, match: /POST .*u_answers/ });
    await assert.rejects(write(ten), { code: 'SINK_FAILED', message: /did not take 1 rows, and took 9; the first: it answered HTTP 400 \(Told to fail\)/ });
    assert.equal(await write(ten), 1);
    assert.equal(table().length, 10);
  });

  it('gives up at once where the user may not write', async () => {
    for (let index = 0; index < 10; index += 1) server.faults.push({ status: 403, match: /POST .*u_answers/ });
    await assert.rejects(write(ten), { code: 'SINK_FAILED', message: /HTTP 403/ });
    assert.ok(server.requests.filter(({ method }) => method === 'POST').length <= 4);
  });

  it('makes a custom table that is missing, with columns for the values', async () => {
    server.tables.set('sys_db_object', []);
    server.tables.delete('u_answers');
    await write([{ answer: 'short', score: 1, share: 0.5, good: true, long: 'x'.repeat(300), tags: [] }]);
    const columns = table('sys_dictionary').map((row) => [row['element'], row['internal_type'], row['max_length']]);
    assert.deepEqual(columns, [
      ['u_answer', 'string', '255'],
      ['u_score', 'integer', '40'],
      ['u_share', 'decimal', '40'],
      ['u_good', 'boolean', '40'],
      ['u_long', 'string', '4000'],
      ['u_tags', 'string', '4000'],
    ]);
    assert.equal(table('sys_db_object')[0]?.['label'], 'Answers');
    assert.equal(table().length, 1);
  });

  it('completes a table that was made halfway', async () => {
    server.tables.set('sys_db_object', []);
    server.tables.delete('u_answers');
    server.faults.push({ status: 403, match: /POST .*sys_dictionary/ });
    await assert.rejects(write(ten), { code: 'SINK_FAILED' });
    assert.equal(await write(ten), 10);
    assert.deepEqual(table('sys_dictionary').map((row) => row['element']), ['u_answer']);
    assert.equal(table('sys_db_object').length, 1);
  });
});

describe('a ServiceNow sink that updates', () => {
  it('changes the rows that have the key, and tells of those that have none', async () => {
    table().push({ sys_id: 'a', u_answer: 'old' }, { sys_id: 'b', u_answer: 'old' });
    const sink = tableSink({ operation: 'update' });
    const rows = [{ sys_id: 'a', answer: 'new' }, { sys_id: 'missing', answer: 'x' }, { sys_id: { value: 'b', display_value: 'B' }, answer: null }];
    await assert.rejects(write(rows, sink), { code: 'SINK_FAILED', message: /did not take 1 rows, and took 2; the first: no row has sys_id missing/ });
    assert.deepEqual(table().map((row) => [row['sys_id'], row['u_answer']]), [['a', 'new'], ['b', '']]);
  });

  it('inserts with upsert what is not there, once', async () => {
    table().push({ sys_id: 'a', u_number: '1', u_answer: 'old' });
    const sink = tableSink({ operation: 'upsert', keyField: 'number' });
    const rows = [{ number: '1', answer: 'new' }, { number: '2', answer: 'fresh' }];
    assert.equal(await write(rows, sink), 2);
    folder += '-again';
    assert.equal(await write(rows, sink), 2);
    assert.deepEqual(table().map((row) => [row['u_number'], row['u_answer']]), [['1', 'new'], ['2', 'fresh']]);
  });
});
