import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Connection } from '@temporalio/client';
import { startFakeModel, type FakeModelServer } from '../../../fake-model/start-fake-model.ts';
import { readEncryptionKeys } from '../../../worker/codec/encryption-keys.ts';
import { createPayloadCodec } from '../../../worker/codec/payload-codec.ts';
import { startCodecServer } from '../../../worker/codec/start-codec-server.ts';
import { startEngine, type Engine } from '../../support/engine.ts';
import { runTask } from '../../support/run-task.ts';
import { encodingsOf, visibleText } from './history-text.ts';

const SYNGRAPH_CODEC_KEYS = `first:${randomBytes(32).toString('base64')}`;
const YAML = `
data_config: { source: { type: disk, file_path: in.jsonl } }
graph_config:
  nodes:
    ask: { node_type: llm, model: { name: writer }, prompt: [{ user: "Marmalade about {word}" }], output_keys: answer }
    check: { node_type: lambda, lambda: "./functions.ts#check", output_keys: checked }
  edges: [{ from: START, to: ask }, { from: ask, to: check }, { from: check, to: END }]
`;
const FILES = {
  'in.jsonl': ['plum', 'quince'].map((word) => `${JSON.stringify({ id: word, word })}\n`).join(''),
  'functions.ts': `export const check = (config, state) => { if (state.word === 'quince') throw new Error('Tamarillo is wrong'); return { checked: true }; };`,
};

describe('encryption of payloads', () => {
  let model: FakeModelServer;
  let engine: Engine;
  let connection: Connection;
  const histories: object[] = [];
  before(async () => {
    model = await startFakeModel();
    engine = await startEngine({ SYGRA_WRITER_URL: model.url, SYGRA_WRITER_TOKEN: 'key', SYNGRAPH_CODEC_KEYS });
    connection = await Connection.connect({ address: engine.address });
  });
  after(async () => {
    await connection.close();
    await engine.close();
    await model.close();
  });

  it('leaves nothing readable in any history of a run, nor in what the server lists', async () => {
    const { summary, id } = await runTask(engine, { yaml: YAML, files: FILES });
    assert.deepEqual([summary.counts.written, summary.counts.failed], [1, 1]);
    const { executions } = await connection.workflowService.listWorkflowExecutions({ namespace: 'default' });
    const types = new Set(executions.map(({ type }) => type!.name));
    for (const type of ['pipeline', 'range', 'batch', 'record']) assert.ok(types.has(type), type);
    for (const { execution } of executions) {
      histories.push(await connection.workflowService.getWorkflowExecutionHistory({ namespace: 'default', execution: execution! }));
      histories.push(await connection.workflowService.describeWorkflowExecution({ namespace: 'default', execution: execution! }));
    }
    // Temporal's own note of a local activity is beside our payloads: its name, number and times.
    assert.deepEqual(encodingsOf(histories).filter((each) => !/markerRecordedEventAttributes\.details\.data\b/.test(each)), ['binary/encrypted']);
    const visible = visibleText([histories, executions]);
    // Ids, names of types and activities, and the search attributes stay as they are: they are what is searched by.
    for (const word of ['Marmalade', 'Tamarillo', 'plum', 'in.jsonl', 'out.jsonl', engine.folder]) assert.ok(!visible.includes(word), word);
    assert.ok(visible.includes(id) && visible.includes('runNode') && visible.includes('Encoded failure'));
  });

  it('shows a failure to whoever asks through the codec server, as the Web UI does', async () => {
    const codec = createPayloadCodec(readEncryptionKeys({ SYNGRAPH_CODEC_KEYS })!);
    const origin = 'http://localhost:8233';
    const server = await startCodecServer({ codec, port: 0, host: '127.0.0.1', origins: [origin], onError: (error) => assert.fail(error) });
    after(() => server.close());
    const payloads = JSON.parse(JSON.stringify(encryptedOf(histories))) as object[];
    const response = await fetch(`${server.url}/decode`, { method: 'POST', headers: { origin, 'content-type': 'application/json', 'x-namespace': 'default' }, body: JSON.stringify({ payloads }) });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('access-control-allow-origin'), origin);
    const decoded = ((await response.json()) as { payloads: { data: string }[] }).payloads.map(({ data }) => Buffer.from(data, 'base64').toString());
    assert.ok(decoded.some((text) => text.includes('Tamarillo is wrong')), 'failure');
  });
});

/** Encrypted payloads as proto3 JSON. */
function encryptedOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { metadata, data } = value as { metadata?: Record<string, Uint8Array>; data?: Uint8Array };
  if (metadata?.['encryption-key-id'] !== undefined && data !== undefined) {
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    return [{ metadata: Object.fromEntries(Object.entries(metadata).map(([key, bytes]) => [key, base64(bytes)])), data: base64(data) }];
  }
  return Object.values(value).flatMap(encryptedOf);
}
