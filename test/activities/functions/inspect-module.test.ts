import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { inspectModule } from '../../../activities/functions/inspect-module.ts';
import type { ExportFact, ModuleFact } from '../../../pipeline/facts.ts';
import { makeTaskFolder } from './task-bundle.ts';
import type { TaskFolder } from './task-bundle.ts';

const made: TaskFolder[] = [];
const inspect = async (files: Record<string, string>): Promise<ModuleFact> => {
  const task = await makeTaskFolder(files);
  made.push(task);
  return inspectModule({ file: join(task.folder, Object.keys(files)[0] ?? ''), shownFrom: task.folder });
};
const exportsOf = async (files: Record<string, string>): Promise<Record<string, ExportFact>> => {
  const fact = await inspect(files);
  assert.ok(fact.status === 'found', JSON.stringify(fact));
  return fact.exports;
};

describe('inspecting a module', () => {
  after(async () => {
    for (const task of made) await task.remove();
  });

  it('tells functions, classes and schemas apart without running them', async () => {
    const exports = await exportsOf({
      'a.ts': `import { z } from 'zod';
throw new Error('it was run');
export function plain() {}
export async function* generator() {}
export const arrow = (x: number) => x;
export const spread = async ({ a, b }: { a: number; b: string }, ...rest: unknown[]) => {
  return [a, b, rest];
};
export const expression = function () {};
export const Schema = z.object({ a: z.string() });
export const product = (1 + 2) * 3;
export const made = arrow(3);
const local = () => 1;
export { local as renamed };
export default local;
export type Gone = string;`,
    });
    const kinds = Object.fromEntries(Object.entries(exports).map(([name, { kind }]) => [name, kind]));
    assert.deepEqual(kinds, {
      plain: 'function',
      generator: 'function',
      arrow: 'function',
      spread: 'function',
      expression: 'function',
      Schema: 'schema',
      product: 'unknown',
      made: 'unknown',
      renamed: 'function',
      default: 'function',
    });
  });

  it('lists the methods of a class with those of its base classes, unless a package declares one', async () => {
    const exports = await exportsOf({
      'a.ts': `import { Base } from './base.ts';
import { Foreign } from 'some-package';
export class Child extends Base {
  field = 3;
  #secret() {}
  constructor() { super(); if (this.field) { this.apply({}); } }
  async apply(state: object) { while (false) {} return state; }
  static make() {}
  arrow = (x: number) => x;
  get size() { return 1; }
}
export class Stranger extends Foreign { own() {} }`,
      'base.ts': 'export abstract class Base {\n  generate() { return 1; }\n  abstract apply(x: object): unknown;\n}',
    });
    assert.deepEqual(exports.Child, { kind: 'class', methods: ['apply', 'make', 'arrow', 'generate'] });
    assert.deepEqual(exports.Stranger, { kind: 'class' });
  });

  it('follows exports into other files', async () => {
    const exports = await exportsOf({
      'a.mjs': "export * from './b.js';\nexport { b as c } from './b.js';",
      'b.js': 'export const b = () => 1;',
    });
    assert.deepEqual(exports, { b: { kind: 'function' }, c: { kind: 'function' } });
  });

  it('says where the code is broken', async () => {
    const syntax = await inspect({ 'a.ts': 'export const x = 1;\nexport function f( {\n' });
    assert.ok(syntax.status === 'broken');
    assert.match(syntax.message, /^a\.ts:3:1: /);
    const missing = await inspect({ 'a.ts': "import { x } from './absent.ts';\nexport const f = () => x;" });
    assert.ok(missing.status === 'broken');
    assert.match(missing.message, /^a\.ts:1:19: Could not resolve ".\/absent.ts"/);
  });
});
