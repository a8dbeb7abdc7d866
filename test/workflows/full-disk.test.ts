import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import type { PauseCause, RunProgress } from '../../pipeline/run-contract.ts';
import { ASK_YAML, askFiles } from '../support/ask-task.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { quiet } from '../support/quiet.ts';
import { readTask, startTask } from '../support/run-task.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

const RECORDS = 120;

const files = askFiles(RECORDS);

let fake: FakeModelServer;
let scene: Scene | null = null;

interface Scene {
  store: SmallDisk;
  engine: Engine;
}

before(async () => {
  fake = await startFakeModel();
});

after(async () => {
  await scene?.engine.close();
  await scene?.store.close();
  await fake.close();
});

/** An engine whose store is on a disk of its own. */
async function setScene(context: TestContext): Promise<Scene | null> {
  if (scene !== null) return scene;
  const store = await mountSmallDisk(context, 32);
  if (store === null) return null;
  scene = { store, engine: await startEngine({ SYGRA_WRITER_URL: fake.url }, join(store.folder, 'store')) };
  return scene;
}

async function pausedFor({ engine }: Scene, id: string): Promise<PauseCause | null> {
  const handle = engine.client.workflow.getHandle(id);
  const progress = (): Promise<RunProgress> => handle.query<RunProgress>('progress');
  await until(async () => (await progress()).status === 'paused');
  return (await progress()).pause;
}

function numbers(rows: Record<string, unknown>[]): unknown[] {
  return rows.map(({ n }) => n);
}

const all = Array.from({ length: RECORDS }, (_, n) => n);

test('a run whose disk becomes full pauses, keeps what was in flight, and asks nothing twice when there is room', async (context) => {
  const scene = await setScene(context);
  if (scene === null) return;
  const { store, engine } = scene;
  const calls = fake.stats().calls;
  fake.control({ latencyMilliseconds: 50 });
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files, input: { concurrency: 8, batchSize: 10 } });
  await until(() => fake.stats().calls - calls > 30);
  // The disk is full, and that is noticed, before the rest has been asked.
  fake.control({ latencyMilliseconds: 2_000 });
  await store.fill();
  const cause = await pausedFor(scene, id);
  assert.equal(cause?.code, 'DISK_FULL');
  assert.match(cause.message, /No space left on the disk that holds the store/);
  assert.ok(fake.stats().calls - calls < RECORDS, 'the whole run fitted');
  // Going on without room only says so again, before any call.
  const asked = await quiet(fake);
  await engine.client.workflow.getHandle(id).executeUpdate('resume');
  assert.equal((await pausedFor(scene, id))?.code, 'DISK_FULL');
  assert.equal(fake.stats().calls, asked);
  await store.free();
  fake.control({ latencyMilliseconds: 0 });
  await engine.client.workflow.getHandle(id).executeUpdate('resume');
  const { rows, summary } = await readTask(id, await result);
  assert.deepEqual(numbers(rows), all);
  assert.equal(summary.status, 'done');
  assert.equal(fake.stats().calls - calls, RECORDS);
});

test('a run that finds a full disk at its start pauses before its first call', async (context) => {
  const scene = await setScene(context);
  if (scene === null) return;
  const { store, engine } = scene;
  await store.fill();
  const calls = fake.stats().calls;
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files });
  assert.equal((await pausedFor(scene, id))?.code, 'DISK_FULL');
  assert.equal(fake.stats().calls, calls);
  await store.free();
  await engine.client.workflow.getHandle(id).executeUpdate('resume');
  assert.deepEqual(numbers((await readTask(id, await result)).rows), all);
});

test('a run whose output finds no room waits with its merge', async (context) => {
  const scene = await setScene(context);
  const disk = scene === null ? null : await mountSmallDisk(context, 1);
  if (scene === null || disk === null) return;
  context.after(() => disk.close());
  await disk.fill();
  const calls = fake.stats().calls;
  const output = join(disk.folder, 'out.jsonl');
  const { id, result } = await startTask(scene.engine, { yaml: ASK_YAML, files, input: { output } });
  const cause = await pausedFor(scene, id);
  assert.equal(cause?.code, 'DISK_FULL');
  assert.ok(cause.message.includes(output), cause.message);
  await disk.free();
  await scene.engine.client.workflow.getHandle(id).executeUpdate('resume');
  const { rows, summary } = await readTask(id, await result);
  assert.deepEqual(numbers(rows), all);
  assert.equal(summary.status, 'done');
  assert.equal(fake.stats().calls - calls, RECORDS);
  await rm(output);
});
