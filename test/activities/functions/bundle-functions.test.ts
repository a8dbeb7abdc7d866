import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { bundleFunctions } from '../../../activities/functions/bundle-functions.ts';
import type { FunctionBundle } from '../../../activities/functions/bundle-functions.ts';
import { makeTaskFolder } from './task-bundle.ts';
import type { TaskFolder } from './task-bundle.ts';

const made: TaskFolder[] = [];
const taskWith = async (files: Record<string, string>): Promise<TaskFolder> => {
  const task = await makeTaskFolder(files);
  made.push(task);
  return task;
};
const bundle = (task: TaskFolder, exportNames: string[], file = 'a.ts'): Promise<FunctionBundle> =>
  bundleFunctions({
    taskFolder: task.folder,
    shownFrom: task.folder,
    functions: exportNames.map((exportName) => ({
      reference: `${file}#${exportName}`,
      file: join(task.folder, file),
      exportName,
    })),
  });
const load = async (
  task: TaskFolder,
  { code }: FunctionBundle,
): Promise<Record<string, (...list: unknown[]) => unknown>> => {
  await task.write({ 'bundle.mjs': code });
  const loaded = (await import(pathToFileURL(join(task.folder, 'bundle.mjs')).href)) as { functions: never };
  return loaded.functions;
};

describe('bundling the functions of a task', () => {
  after(async () => {
    for (const task of made) await task.remove();
  });

  it('is the same on two machines and names no path of either', async () => {
    const files = {
      'a.ts':
        "import { z } from 'zod';\nimport { b } from './lib/b.ts';\nexport const f = () => b(z);\nexport const g = 1;",
      'lib/b.ts': 'export const b = (x: unknown) => x;',
    };
    const [first, second] = [await taskWith(files), await taskWith(files)];
    const one = await bundle(first, ['f', 'g']);
    const other = await bundle(second, ['g', 'f']);
    assert.equal(one.hash, other.hash);
    assert.match(one.hash, /^[0-9a-f]{64}$/);
    const map = Buffer.from(one.code.split('base64,').at(-1) ?? '', 'base64').toString();
    for (const path of [first.folder, process.cwd(), first.folder.slice(1), process.cwd().slice(1)]) {
      assert.ok(!one.code.includes(path) && !map.includes(path), path);
    }
  });

  it('has another hash when a file that is imported changes', async () => {
    const task = await taskWith({ 'a.ts': "export { b as f } from './b.ts';", 'b.ts': 'export const b = 1;' });
    const before = await bundle(task, ['f']);
    await task.write({ 'b.ts': 'export const b = 2;' });
    assert.notEqual((await bundle(task, ['f'])).hash, before.hash);
  });

  it('takes in packages of the task, CommonJS and JSON files, and leaves Node itself out', async () => {
    const task = await taskWith({
      'node_modules/legacy/index.js':
        "const { basename } = require('path'); module.exports = { base: (x) => basename(x) };",
      'words.json': '["one", "two"]',
      'a.ts': `import { createRequire } from 'node:module';
import legacy from 'legacy';
import words from './words.json';
const require = createRequire(import.meta.url);
export const f = (path: string) => [legacy.base(path), words.length, typeof require('node:fs').readFileSync];`,
    });
    const functions = await load(task, await bundle(task, ['f']));
    assert.deepEqual(functions['a.ts#f']?.('/x/y.txt'), ['y.txt', 2, 'function']);
  });

  it('drops types from syngraph and refuses values from it', async () => {
    const typed = await taskWith({
      'a.ts':
        "import type { State } from 'syngraph';\nimport { Message } from 'syngraph';\nexport const f = (x: State): Message => x as never;",
    });
    assert.equal((await load(typed, await bundle(typed, ['f'])))['a.ts#f']?.(3), 3);
    const untyped = await taskWith({ 'a.ts': "import { run } from 'syngraph';\nexport const f = () => run();" });
    await assert.rejects(bundle(untyped, ['f']), {
      code: 'PIPELINE_INVALID',
      message: /a\.ts:1:10: No matching export .* "run"/,
    });
  });

  it('brings syngraph/quality along', async () => {
    const task = await taskWith({ 'a.ts': "import { tellCategory } from 'syngraph/quality';\nexport const f = (request: string) => tellCategory({ earlier: '', request, answer: '' }).category;" });
    assert.equal((await load(task, await bundle(task, ['f'])))['a.ts#f']?.('Hello there!'), 'generic');
  });

  it('brings syngraph/formats along, and names no folder of this machine', async () => {
    const task = await taskWith({ 'a.ts': "import { readConversation } from 'syngraph/formats';\nexport const f = (row: never) => readConversation(row).messages.length;" });
    const bundled = await bundle(task, ['f']);
    assert.equal((await load(task, bundled))['a.ts#f']?.({ prompt: 'a', response: 'b' }), 2);
    const { sources } = JSON.parse(Buffer.from(bundled.code.split('base64,').at(-1)!, 'base64').toString()) as { sources: string[] };
    const brought = sources.filter((source) => /formats|pipeline/.test(source));
    assert.ok(brought.length > 1);
    for (const source of brought) assert.match(source, /^[\w-]+:\/*syngraph\/(formats|pipeline)\/[\w/-]+\.ts$/);
  });

  it('reports every module and package that cannot be found, with its position', async () => {
    const task = await taskWith({
      'a.ts': "import x from 'no-such-package';\nimport y from './no-such-file.ts';\nexport const f = () => [x, y];",
    });
    await assert.rejects(bundle(task, ['f']), (error: Error) => {
      assert.match(error.message, /^a\.ts:1:15: Could not resolve "no-such-package"/m);
      assert.match(error.message, /^a\.ts:2:15: Could not resolve ".\/no-such-file.ts"/m);
      return true;
    });
  });
});
