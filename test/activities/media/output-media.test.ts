import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { openFileRanges } from '../../../activities/data/byte-ranges.ts';
import { readParquet } from '../../../activities/data/parquet-reader.ts';
import { ParquetDecoder } from '../../../activities/data/parquet-decoder.ts';
import { smallPng } from '../../../fake-model/small-files.ts';
import { startFakeModel, type FakeModelServer } from '../../../fake-model/start-fake-model.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import { startEngine, type Engine } from '../../support/engine.ts';
import { runTask, startTask } from '../../support/run-task.ts';

let model: FakeModelServer;
let engine: Engine;

/** Answers a chat with a picture beside its text, as several gateways do; asked for nothing, with one that is none. */
const gateway = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk)).on('end', () => {
    const data = body.includes('Draw nothing') ? Buffer.from('no image') : smallPng(3);
    const images = [{ type: 'image_url', image_url: { url: `data:image/png;base64,${data.toString('base64')}` } }];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ choices: [{ message: { content: 'Here', images }, finish_reason: 'stop' }] }));
  });
});

before(async () => {
  model = await startFakeModel();
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const names = ['PAINTER', 'SPEAKER', 'TALKER', 'LISTENER'];
  const environment = Object.fromEntries(names.flatMap((name) => [[`SYGRA_${name}_URL`, model.url], [`SYGRA_${name}_TOKEN`, 'key']]));
  engine = await startEngine({ ...environment, SYGRA_SEER_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/v1` });
});
after(async () => {
  await engine.close();
  await model.close();
  gateway.closeAllConnections();
  gateway.close();
});

const MODELS = `
painter: { model_type: openai, model: gpt-image-1 }
speaker: { model_type: openai, model: tts-1, output_type: audio }
talker: { model_type: openai, model: gpt-audio }
listener: { model_type: openai, model: whisper-1, input_type: audio }
`;
const llm = (name: string, key: string, user: string, more = ''): string => `
    ${name}: { node_type: llm, model: { name: ${name.replace(/\d/, '')}${more} }, output_keys: ${key}, prompt: [{ user: ${user} }] }`;
const NODES = [
  llm('painter', 'picture', '"Paint {title}"'),
  llm('painter2', 'edited', '[{ type: image_url, image_url: "{picture}" }, { type: text, text: Bluer }]', ', parameters: { n: 2 }'),
  llm('speaker', 'speech', '"{title}"'),
  llm('listener', 'heard', '[{ type: audio_url, audio_url: "{speech}" }]'),
  llm('talker', 'reply', '[{ type: audio_url, audio_url: "{speech}" }, { type: text, text: Answer aloud }]', ', output_type: audio'),
];
const NAMES = ['painter', 'painter2', 'speaker', 'listener', 'talker'];
const YAML = `
data_config: { source: { type: disk, file_path: input.jsonl } }
graph_config:
  nodes:${NODES.join('')}
  edges:
${['START', ...NAMES].map((from, index) => `    - { from: ${from}, to: ${NAMES[index] ?? 'END'} }`).join('\n')}
output_config: { output_map: { ${['title', 'picture', 'edited', 'speech', 'heard', 'reply'].map((key) => `${key}: { from: ${key} }`).join(', ')} } }
`;
const FILES = { 'input.jsonl': '{"title":"a fox"}\n{"title":"an owl"}\n', 'models.yaml': MODELS };

interface Made {
  title: string;
  picture: string;
  edited: string[];
  speech: string;
  heard: string;
  reply: string;
}

test('images and sounds that models make land beside the output, named by their content', async () => {
  const { summary, rows, failed } = await runTask(engine, { yaml: YAML, files: FILES });
  assert.deepEqual(failed, []);
  const folder = dirname(summary.output ?? '');
  const [first, second] = rows as unknown as Made[];
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(first.edited.length, 2);
  for (const path of [first.picture, ...first.edited, first.speech, first.reply, second.picture]) {
    assert.match(path, /^out_media\/[0-9a-f]{64}\.(png|wav)$/);
    const hash = createHash('sha256').update(await readFile(join(folder, path))).digest('hex');
    assert.ok(path.includes(hash), 'its name is its hash');
  }
  assert.notEqual(first.picture, second.picture);
  assert.equal(typeof first.heard, 'string');
});

test('simulated models make tiny ones', async () => {
  const { rows, failed } = await runTask(engine, { yaml: YAML.replaceAll('{ name: ', '{ name: simulated_'), files: { ...FILES, 'models.yaml': MODELS.replaceAll(/^(?=\w)/gm, 'simulated_') } });
  assert.deepEqual(failed, []);
  const { picture, speech } = rows[0] as unknown as Made;
  assert.match(picture, /\.png$/);
  assert.match(speech, /\.wav$/);
});

test('Parquet holds them in the layout of Hugging Face, and what is read back is the same content', async () => {
  const first = await runParquet('first.parquet', YAML, FILES);
  const features = await featuresOf(first.path);
  assert.deepEqual(features['picture'], { _type: 'Image' });
  assert.deepEqual(features['edited'], { feature: { _type: 'Image' }, _type: 'List' });
  assert.deepEqual([features['speech'], features['title']], [{ _type: 'Audio' }, { dtype: 'string', _type: 'Value' }]);
  const again = `
data_config: { source: { type: disk, file_path: ${first.path} } }
graph_config:
  nodes: { keep: { node_type: weighted_sampler, attributes: { tone: { values: [a] } } } }
  edges: [{ from: START, to: keep }, { from: keep, to: END }]
`;
  const jsonl = await runTask(engine, { yaml: again });
  const { path } = await runParquet('second.parquet', again, {});
  const [before, after] = [await rowsOf(first.path), await rowsOf(path)];
  const hashes = (rows: JsonObject[]): string[] => rows.flatMap(({ picture, edited, speech, reply }) => [picture, edited, speech, reply].flat().map(hashOf));
  assert.equal(hashes(before).length, 10);
  assert.deepEqual(hashes(after), hashes(before));
  const placed = jsonl.rows.flatMap((row) => [row['picture'], row['edited'], row['speech'], row['reply']].flat() as string[]);
  assert.deepEqual(placed.map((name) => /[0-9a-f]{64}/.exec(name)?.[0]), hashes(before));
});

test('what only looks like a reference is left as it is', async () => {
  const forged = { $media: `${'0'.repeat(64)}.png`, path: { not: 'a name' }, type: 7 };
  const yaml = YAML.replace(/ {2}nodes:[^]*output_config.*/, '  nodes: { keep: { node_type: weighted_sampler, attributes: { tone: { values: [a] } } } }\n  edges: [{ from: START, to: keep }, { from: keep, to: END }]');
  const files = { 'input.jsonl': `${JSON.stringify({ image: forged })}\n` };
  assert.deepEqual((await runTask(engine, { yaml, files })).rows[0]?.['image'], forged);
  const { path } = await runParquet('forged.parquet', yaml, files);
  assert.deepEqual((await rowsOf(path))[0]?.['image'], { bytes: null, path: forged.$media });
});

test('pictures of a chat are kept too, in the conversation or as a value, and one that is none fails its record', async () => {
  const yaml = (key: string, title: string): string => `
data_config: { source: { type: disk, file_path: input.jsonl } }
graph_config:
  nodes: { seer: { node_type: llm, model: { name: seer }, output_keys: ${key}, prompt: [{ user: 'Draw ${title}' }] } }
  edges: [{ from: START, to: seer }, { from: seer, to: END }]
output_config: { output_map: { ${key}: { from: ${key} } } }
`;
  const files = { 'input.jsonl': '{"title":"a fox"}\n', 'models.yaml': 'seer: { model_type: vllm, model: seer }\n' };
  const picture = (await runTask(engine, { yaml: yaml('picture', 'a fox'), files })).rows[0]?.['picture'];
  assert.match(String(picture), /^out_media\/.*\.png$/);
  const [message] = (await runTask(engine, { yaml: yaml('messages', 'a fox'), files })).rows[0]?.['messages'] as { role: string; content: { type: string; media?: string }[] }[];
  assert.deepEqual([message?.role, message?.content.map(({ type }) => type), message?.content[1]?.media], ['assistant', ['text', 'image_url'], picture]);
  const { failed } = await runTask(engine, { yaml: yaml('picture', 'nothing'), files, input: { failureShare: 1 } });
  assert.deepEqual([failed[0]?.code, /cannot be kept/.test(failed[0]?.message ?? '')], ['MODEL_REJECTED', true]);
});

async function runParquet(name: string, yaml: string, files: Record<string, string>): Promise<{ path: string }> {
  const path = join(engine.folder, name);
  const { result } = await startTask(engine, { yaml, files, input: { output: path } });
  assert.equal((await result).status, 'done');
  assert.deepEqual((await readdir(engine.folder)).filter((entry) => entry === name.replace('.parquet', '_media')), []);
  return { path };
}

async function rowsOf(path: string): Promise<JsonObject[]> {
  const ranges = await openFileRanges(path);
  const rows: JsonObject[] = [];
  try {
    for await (const batch of readParquet({ ranges, name: path })) rows.push(...batch);
  } finally {
    await ranges.close();
  }
  return rows;
}

async function featuresOf(path: string): Promise<JsonObject> {
  const ranges = await openFileRanges(path);
  const decoder = new ParquetDecoder(ranges, 1);
  try {
    const told = await decoder.receive();
    assert.equal(told.kind, 'schema');
    const metadata = told.kind === 'schema' ? tableFromIPC(told.ipc).schema.metadata.get('huggingface') : undefined;
    return (JSON.parse(metadata ?? '{}') as { info: { features: JsonObject } }).info.features;
  } finally {
    await decoder.close();
    await ranges.close();
  }
}

function hashOf(column: unknown): string {
  return createHash('sha256').update(Buffer.from((column as { bytes: string }).bytes, 'base64')).digest('hex');
}
