import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createModelGateway } from '../../../../activities/models/create-model-gateway.ts';
import { createRunSteering } from '../../../../activities/run/steering/run-steering.ts';
import { openStore } from '../../../../activities/store/open-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'syngraph-steering-'));
const gateway = createModelGateway({ environment: () => ({}) });
after(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

test('a store that fails once fails the work that asked, and not all that comes after it', async () => {
  const store = openStore(folder, { localFolder: folder });
  const read = store.read.bind(store);
  let isDown = true;
  const failing = Object.assign(Object.create(store) as typeof store, { read: (key: string) => (isDown ? Promise.reject(new Error('no answer')) : read(key)) });
  const steering = createRunSteering({ dependencies: { store: failing, gateway, workerName: 'one' }, folder: 'runs/quiz/first', plan: { models: {} }, run: 'quiz/first', paidBefore: { calls: 0, tokens: 0, cost: 0 }, onPaid: () => undefined });
  const work = (): Promise<string> => steering.during(() => Promise.resolve('done'));
  await assert.rejects(work(), /no answer/);
  isDown = false;
  assert.equal(await work(), 'done');
});
