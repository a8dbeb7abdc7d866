import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startFakeModel, type FakeModelServer } from '../../../fake-model/start-fake-model.ts';
import { startEngine, type Engine } from '../../support/engine.ts';
import { runTask } from '../../support/run-task.ts';

let model: FakeModelServer;
let engine: Engine;

before(async () => {
  model = await startFakeModel();
  engine = await startEngine({ SYGRA_SEER_URL: model.url, SYGRA_SEER_TOKEN: 'key' });
});
after(async () => {
  await engine.close();
  await model.close();
});

/** The smallest PNG there is: one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const YAML = `
data_config: { source: { type: disk, file_path: input.jsonl } }
graph_config:
  nodes:
    look:
      node_type: llm
      model: { name: seer }
      output_keys: caption
      prompt:
        - user:
            - { type: text, text: 'Describe {title}.' }
            - { type: image_url, image_url: '{images}' }
  edges:
    - { from: START, to: look }
    - { from: look, to: END }
output_config: { output_map: { id: { from: id }, caption: { from: caption }, images: { from: images } } }
`;

test('images of a record reach the model as data urls, and stand in no history, state or journal', async () => {
  const rows = [
    { id: 1, title: 'a column', images: { bytes: PIXEL, path: 'dot.png' } },
    { id: 2, title: 'two data urls', images: [`data:image/png;base64,${PIXEL}`, `data:image/png;base64,${PIXEL}`] },
    { id: 3, title: 'nothing', images: [] },
    { id: 4, title: 'a file that is not there', images: 'missing.png' },
    { id: 5, title: 'a private address', images: 'http://127.0.0.1:9/dot.png' },
    { id: 6, title: 'a file outside', images: '/etc/passwd' },
    { id: 7, title: 'no image', images: `data:image/png;base64,${Buffer.from('plain text').toString('base64')}` },
  ];
  const { id, rows: written, failed } = await runTask(engine, {
    yaml: YAML,
    files: { 'input.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join(''), 'models.yaml': 'seer: { model_type: openai, model: fake }\n' },
    input: { failureShare: 1 },
  });
  assert.deepEqual(written.map((row) => row['id']), [1, 2, 3]);
  assert.deepEqual(failed.map((record) => record.code), ['MEDIA_INVALID', 'MEDIA_INVALID', 'MEDIA_INVALID', 'MEDIA_INVALID']);
  assert.match(failed[0]?.message ?? '', /missing\.png: there is no such file/);
  assert.match(failed[1]?.message ?? '', /private network \(127\.0\.0\.1\)/);
  assert.match(failed[2]?.message ?? '', /lies under none of/);
  assert.match(failed[3]?.message ?? '', /no image or sound/);
  const journal = await storeText(`runs/${id}/journal`);
  assert.ok(journal.includes('"answer"'));
  assert.ok(!journal.includes(PIXEL) && !(await storeText(`runs/${id}/state`)).includes(PIXEL), 'contents are kept beside');
  const { events } = await engine.client.workflow.getHandle(`${id}/batch/00000`).fetchHistory();
  assert.ok(!JSON.stringify(events).includes(PIXEL));
});

async function storeText(folder: string): Promise<string> {
  const texts = await Promise.all(
    (await engine.store.list(folder)).map(async (key) => (key.endsWith('/') ? storeText(key) : ((await engine.store.read(key))?.toString('utf8') ?? ''))),
  );
  return texts.join('\n');
}
