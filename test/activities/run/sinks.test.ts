import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PipelineInput, RunSummary } from '../../../pipeline/run-contract.ts';
import { startEngine, type Engine } from '../../support/engine.ts';
import { startFakeServiceNow, USER, type FakeServiceNow } from '../data/fake-servicenow.ts';

let engine: Engine;
let server: FakeServiceNow;

before(async () => {
  server = await startFakeServiceNow({ ticket: [], sys_db_object: [] });
  engine = await startEngine({ SNOW_INSTANCE: server.url, SNOW_USERNAME: USER.username, SNOW_PASSWORD: USER.password });
});
after(async () => {
  await engine.close();
  await server.close();
});

const PIPELINE = `data_config:
  id_column: number
  source:
    - {alias: inc, join_type: primary, type: disk, file_path: incidents.csv}
    - {alias: ticket, join_type: column, primary_key: number, join_key: incident, type: servicenow, table: ticket, fields: [incident, urgency]}
    - {alias: role, join_type: random, type: disk, file_path: roles.jsonl}
  sink:
    - {type: disk, file_path: OUT/plain.jsonl}
    - {type: csv, file_path: OUT/copies.csv, alias: copies}
    - {type: servicenow, table: u_answers, operation: insert, alias: snow}
graph_config:
  nodes:
    answer: {node_type: lambda, lambda: "./functions.ts#answer", output_keys: [text]}
  edges: [{from: START, to: answer}, {from: answer, to: END}]
output_config:
  output_map:
    number: {from: inc->number}
    role: {from: role->name}
    copies->number: {from: inc->number}
    copies->urgency: {from: ticket->urgency}
    snow->number: {from: inc->number}
    snow->text: {from: text}
`;

async function writeTask(name: string): Promise<string> {
  const folder = join(engine.folder, name);
  await mkdir(folder);
  await writeFile(join(folder, 'graph_config.yaml'), PIPELINE.replaceAll('OUT', folder));
  await writeFile(join(folder, 'functions.ts'), 'export const answer = (config, state) => ({ text: `${state["inc->number"]} is ${state["ticket->urgency"]}` });\n');
  await writeFile(join(folder, 'incidents.csv'), `number\n${Array.from({ length: 30 }, (_, n) => `INC${n}\n`).join('')}`);
  await writeFile(join(folder, 'roles.jsonl'), '{"name":"a"}\n{"name":"b"}\n');
  return folder;
}

function start(name: string, input: PipelineInput = {}): Promise<RunSummary> {
  return engine.start(`${name}/run${input.resume === true ? '-again' : ''}`, { task: name, runId: 'run', seed: 3, ...input });
}

const lines = async (folder: string, file: string): Promise<string[]> =>
  (await readFile(join(folder, file), 'utf8')).split('\n').filter((line) => line !== '');

test('joined sources reach the output, and each sink gets the columns of its alias', async () => {
  const folder = await writeTask('joined');
  server.tables.set('ticket', [{ incident: 'INC1', urgency: '1' }, { incident: 'INC2', urgency: '2' }, { incident: 'INC2', urgency: '3' }]);
  const { status, counts } = await start('joined');
  assert.deepEqual([status, counts.written], ['done', 31]);
  const plain = (await lines(folder, 'plain.jsonl')).map((line) => JSON.parse(line) as Record<string, string>);
  assert.deepEqual(Object.keys(plain[0] ?? {}), ['number', 'role']);
  assert.deepEqual(new Set(plain.map((row) => row['role'])), new Set(['a', 'b']));
  assert.deepEqual((await lines(folder, 'copies.csv')).slice(0, 5), ['number,urgency', 'INC0,', 'INC1,1', 'INC2,2', 'INC2,3']);
  const written = server.tables.get('u_answers') ?? [];
  assert.deepEqual(Object.keys(written[0] ?? {}).filter((field) => !field.startsWith('sys_')), ['u_number', 'u_text']);
  assert.equal(new Set(written.map((row) => row['u_text'])).size, 31);
  assert.ok(written.some((row) => row['u_text'] === 'INC2 is 3'));
});

test('a run whose rows were refused writes the rest when it is resumed, and none twice', async () => {
  await writeTask('refused');
  server.tables.set('u_answers', []);
  server.faults.push({ status: 400, match: /POST .*u_answers/ }, { cutAfter: true, match: /POST .*u_answers/ });
  await assert.rejects(start('refused'));
  assert.equal(server.tables.get('u_answers')?.length, 30);
  const { status } = await start('refused', { resume: true });
  assert.equal(status, 'done');
  assert.equal(server.tables.get('u_answers')?.length, 31);
  assert.equal(new Set(server.tables.get('u_answers')?.map((row) => row['u_text'])).size, 31);
});
