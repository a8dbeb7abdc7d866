import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openEarlierAnswers } from '../../../activities/journal/earlier-answers.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import { STORE_FORMAT, checkStoreFormat, upgradeStore } from '../../../activities/store/store-format.ts';
import type { Store } from '../../../activities/store/store.ts';
import { assertStore } from '../../../cli/assert-store.ts';
import { runInProcess } from '../../cli/run-in-process.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'stores');

/** A working directory whose store is as the fixture has it, else empty. */
async function place(context: TestContext, fixture?: string): Promise<{ folder: string; storeFolder: string; store: Store }> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-format-'));
  context.after(() => rm(folder, { recursive: true }));
  const storeFolder = join(folder, '.syngraph');
  if (fixture !== undefined) await cp(join(FIXTURES, fixture), storeFolder, { recursive: true });
  return { folder, storeFolder, store: createFolderStore(storeFolder) };
}

const versionIn = async (folder: string): Promise<unknown> => (JSON.parse(await readFile(join(folder, 'format.json'), 'utf8')) as { version: number }).version;

test('a store from before there were formats is brought to this one, and all that is in it is found', async (context) => {
  const { folder, storeFolder, store } = await place(context, 'format-0');
  // A command that only reads leaves it as it is.
  await assertStore({ store, storeFolder }, 'report');
  await assert.rejects(versionIn(storeFolder), { code: 'ENOENT' });
  await assertStore({ store, storeFolder }, 'run');
  assert.equal(await versionIn(storeFolder), STORE_FORMAT);
  const { output } = await runInProcess(folder, ['report', 'one']);
  assert.match(output, /quiz\/one done: 3 written/);
  const exported = await runInProcess(folder, ['export', 'one', '--output', join(folder, 'rows.jsonl')]);
  assert.equal(exported.error, null);
  const rows = (await readFile(join(folder, 'rows.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { n: string; answer: string });
  assert.deepEqual(rows.map(({ n }) => n), ['q0.', 'q1.', 'q2.']);
  // A later run finds the answers by the keys that the journal has.
  const segment = (await readFile(join(storeFolder, 'runs/quiz/one/journal/00000/000/0-0000-001-4fa426.jsonl'), 'utf8')).split('\n')[0]!;
  const answers = await openEarlierAnswers({ store, run: { pipeline: 'quiz', run: 'two', planHash: '' }, seed: 0 });
  const found = await answers?.find(segment.slice(0, segment.indexOf(' ')));
  assert.equal(found?.run, 'one');
  assert.ok(rows.some(({ answer }) => answer === found.answer.message.content));
});

test('a new store gets the present format', async (context) => {
  const { storeFolder, store } = await place(context);
  assert.equal(await checkStoreFormat(store), 0);
  await upgradeStore(store);
  await upgradeStore(store);
  assert.equal(await versionIn(storeFolder), STORE_FORMAT);
});

test('a store of a later version is refused by what reads and by what writes, with the way out', async (context) => {
  const { storeFolder, store } = await place(context, 'format-0');
  for (const version of [STORE_FORMAT + 1, 'new', -1, 1.5]) {
    await writeFile(join(storeFolder, 'format.json'), JSON.stringify({ version }));
    for (const command of ['list', 'run', 'worker', 'clean']) {
      await assert.rejects(assertStore({ store, storeFolder }, command), (error: Error & { code?: string; nextStep?: string }) => {
        assert.equal(error.code, 'STORE_INVALID');
        assert.match(error.message, /has format .*knows formats up to/);
        return /npm install syngraph@latest/.test(error.nextStep ?? '');
      });
    }
    // Commands that have nothing to do with it go on.
    await assertStore({ store, storeFolder }, 'convert');
  }
});
