import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createFunctionHost } from '../../../activities/functions/create-function-host.ts';
import type { FunctionHost, FunctionOutcome } from '../../../activities/functions/function-host.ts';
import type { UserOutput } from '../../../activities/functions/pending-call.ts';
import { KINDS_REFERENCE } from '../../../activities/functions/thread-protocol.ts';
import type { JsonValue } from '../../../pipeline/json.ts';
import { bundleExports, makeTaskFolder } from './task-bundle.ts';
import type { TaskFolder } from './task-bundle.ts';

const CODE = `import { z } from 'zod';
import { shout } from './lib/shout.ts';

export function double(x: number): number {
  return 2 * x;
}
export const later = async (x: number, ms = 1): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x + 1;
};
let underWay = 0;
/** Answers once so many calls are under way. */
export const together = async (count: number): Promise<number> => {
  for (underWay += 1; underWay < count; ) await new Promise((resolve) => setTimeout(resolve, 1));
  return underWay;
};
class Base {
  constructed = ++Base.count;
  static count = 0;
  generate(state: object) { return { ...state, by: 'base', constructed: this.constructed }; }
}
export class Child extends Base {
  async apply(state: object) { return { ...state, by: 'child' }; }
}
export class OnlyStatic {
  static apply(x: string) { return shout(x); }
}
export const Instance = { apply: (x: number) => x + 100 };
export const Row = z.object({ name: z.string(), score: z.number().min(0) });
export const AsyncRow = z.object({ name: z.string().refine(async (name) => name !== 'bad', 'a bad name') });
export function failing(x: { name: string }) {
  if (x.name === 'type') return (undefined as any).length;
  if (x.name === 'string') throw 'just text';
  if (x.name === 'hostile') throw { get message() { throw 1; }, toJSON() { throw 2; } };
  throw new Error('bad record ' + x.name);
}
export function deep(x: string) { return shout(x.repeat(-1)); }
export function answer(kind: string): unknown {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const answers: Record<string, unknown> = {
    undefined: undefined, inside: { a: undefined, b: [undefined, 1] }, date: { at: new Date(0) }, proto: JSON.parse('{"__proto__": 1}'),
    bigint: { id: 1n }, function: [() => 1], nan: { scores: [1, NaN] }, map: { m: new Map() }, set: new Set(), error: new Error('x'),
    cyclic, buffer: Buffer.from('x'), invalidDate: new Date('x'), symbol: Symbol('s'), generator: (function* () { yield 1; })(),
  };
  return answers[kind];
}
export function spin(x: number) { if (x === 7) for (;;); return x; }
export async function spinLater(x: number) { await null; await new Promise((r) => setTimeout(r, 5)); if (x === 7) for (;;); return x; }
export async function never(x: number) { if (x === 7) await new Promise(() => {}); return x; }
export function exit(x: number) { if (x === 7) process.exit(3); return x; }
export async function exitLater(x: number) { await new Promise((r) => setTimeout(r, 5)); if (x === 7) process.exit(3); return x; }
export async function uncaught(x: number) {
  if (x === 7) setTimeout(() => { throw new Error('loose end'); }, 1);
  await new Promise((r) => setTimeout(r, 20));
  return x;
}
export function lateBomb(x: number) { if (x === 7) setTimeout(() => process.exit(1), 5); return x; }
export function hoard(x: number) { if (x !== 7) return x; const all: unknown[] = []; for (;;) all.push(new Array(1000).fill({ x })); }
export function print(x: string) { console.log('out ' + x); console.error('err ' + x); return process.env.HOME !== undefined; }
`;
const NAMES = [...CODE.matchAll(/^export (?:const|class|(?:async )?function) (\w+)/gm)].map((match) => match[1] ?? '');

describe('function host', () => {
  let task: TaskFolder;
  let bundlePath: string;
  let host: FunctionHost;
  const printed: UserOutput[] = [];
  before(async () => {
    task = await makeTaskFolder({
      'functions.ts': CODE,
      'lib/shout.ts': `\n\nexport const shout = (x: string): string => {\n  return x.toUpperCase();\n};\n`,
    });
    bundlePath = await bundleExports(task, NAMES);
    host = createFunctionHost({ threads: 1, memoryMegabytes: 64, onOutput: (output) => printed.push(output) });
  });
  after(async () => {
    await host.close();
    await task.remove();
  });

  const call = (
    name: string,
    argumentLists: JsonValue[][],
    more: { method?: string; timeLimitMilliseconds?: number } = {},
  ): Promise<FunctionOutcome[]> => host.callEach({ bundlePath, function: name, ...more }, argumentLists);
  const callOne = async (name: string, ...argumentList: JsonValue[]): Promise<FunctionOutcome | undefined> =>
    (await call(name, [argumentList]))[0];
  const oneToTen = Array.from({ length: 10 }, (_, index) => [index + 1]);

  it('calls functions and answers in the order of the argument lists', async () => {
    const lists = Array.from({ length: 1_000 }, (_, index) => [index]);
    assert.deepEqual(
      await call('double', lists),
      lists.map(([x]) => ({ ok: true, value: 2 * (x ?? 0) })),
    );
    assert.deepEqual(await call('double', []), []);
  });

  it('runs asynchronous calls at the same time', async () => {
    const outcomes = await call('together', Array.from({ length: 50 }, () => [50]));
    assert.deepEqual(outcomes[49], { ok: true, value: 50 });
  });

  it('constructs a class once and calls apply, a given method or an inherited one', async () => {
    assert.deepEqual(await callOne('Child', { a: 1 }), { ok: true, value: { a: 1, by: 'child' } });
    const outcomes = await call('Child', [[{ a: 1 }], [{ a: 2 }]], { method: 'generate' });
    assert.deepEqual(
      outcomes.map((outcome) => outcome.ok && (outcome.value as { by: string }).by),
      ['base', 'base'],
    );
    const [first, second] = outcomes.map(
      (outcome) => outcome.ok && (outcome.value as { constructed: number }).constructed,
    );
    assert.equal(first, second);
    assert.deepEqual(await callOne('OnlyStatic', 'abc'), { ok: true, value: 'ABC' });
    assert.deepEqual(await callOne('Instance', 1), { ok: true, value: 101 });
  });

  it('names the methods there are when the wanted one is missing', async () => {
    const [outcome] = await call('Child', [[{}]], { method: 'transform' });
    assert.match(failureMessage(outcome), /Child has no method transform; it has: apply, generate/);
    assert.match(failureMessage(await callOne('absent')), /absent is not exported/);
  });

  it('parses with a zod schema and says which value does not fit', async () => {
    assert.deepEqual(await callOne('Row', { name: 'a', score: 1, extra: true }), {
      ok: true,
      value: { name: 'a', score: 1 },
    });
    const message = failureMessage(await callOne('Row', { score: -1 }));
    assert.match(message, /name: .*string/);
    assert.match(message, /score: /);
    assert.deepEqual(await callOne('AsyncRow', { name: 'good' }), { ok: true, value: { name: 'good' } });
    assert.match(failureMessage(await callOne('AsyncRow', { name: 'bad' })), /name: a bad name/);
  });

  it('fails the call that throws, with the position in the file of the user', async () => {
    const message = failureMessage(await callOne('failing', { name: 'x' }));
    assert.equal(message, `bad record x (functions.ts:${lineOf("throw new Error('bad record")}:9)`);
    assert.match(
      failureMessage(await callOne('failing', { name: 'type' })),
      /^TypeError: .*\(functions\.ts:\d+:\d+\)$/,
    );
    assert.equal(failureMessage(await callOne('failing', { name: 'string' })), 'threw "just text"');
    assert.match(failureMessage(await callOne('failing', { name: 'hostile' })), /cannot be described/);
    const outcome = await callOne('deep', 'x');
    assert.match(
      outcome?.ok === false ? (outcome.stack ?? '') : '',
      new RegExp(`at deep \\(functions\\.ts:${lineOf('function deep')}:`),
    );
  });

  it('hands over what JSON can hold and refuses, by path, what would be lost', async () => {
    assert.deepEqual(await callOne('answer', 'undefined'), { ok: true, value: null });
    assert.deepEqual(await callOne('answer', 'inside'), { ok: true, value: { a: null, b: [null, 1] } });
    assert.deepEqual(await callOne('answer', 'date'), { ok: true, value: { at: '1970-01-01T00:00:00.000Z' } });
    const refused: Record<string, RegExp> = {
      bigint: /a bigint at id/,
      function: /a function at \[0\]/,
      nan: /NaN at scores\[1\]/,
      map: /a Map at m/,
      set: /a Set/,
      error: /an? Error/,
      cyclic: /contains itself/,
      buffer: /a Buffer/,
      invalidDate: /invalid Date/,
      symbol: /a symbol/,
      generator: /JSON cannot hold/,
    };
    for (const [kind, pattern] of Object.entries(refused))
      assert.match(failureMessage(await callOne('answer', kind)), pattern);
  });

  it('fails only the call that never returns, and times a promise that never settles', async () => {
    for (const [name, code] of [
      ['spin', 'FUNCTION_TIMED_OUT'],
      ['spinLater', 'FUNCTION_TIMED_OUT'],
      ['never', 'FUNCTION_TIMED_OUT'],
    ] as const) {
      const outcomes = await call(name, oneToTen, { timeLimitMilliseconds: 1_000 });
      assertOnlySeventhFails(outcomes, code);
      assert.match(failureMessage(outcomes[6]), new RegExp(`${name} did not answer within 1 s`));
    }
  });

  it('fails only the call that ends its thread', async () => {
    for (const name of ['exit', 'exitLater', 'uncaught'])
      assertOnlySeventhFails(await call(name, oneToTen), 'FUNCTION_CRASHED');
    assert.match(failureMessage((await call('exit', oneToTen))[6]), /exit ended its thread with exit code 3/);
    assert.match(
      failureMessage((await call('uncaught', oneToTen))[6]),
      new RegExp(`loose end \\(functions.ts:${lineOf('loose end')}:`),
    );
  });

  it('fails only the call that uses too much memory', async () => {
    const outcomes = await call('hoard', oneToTen);
    assertOnlySeventhFails(outcomes, 'FUNCTION_CRASHED');
    assert.match(failureMessage(outcomes[6]), /more memory than the 64 MB/);
  });

  it('does not blame a call for what an earlier one has left behind', async () => {
    const [bombs, others] = await Promise.all([call('lateBomb', oneToTen), call('later', [[1, 60]])]);
    assert.deepEqual(
      bombs,
      oneToTen.map(([x]) => ({ ok: true, value: x })),
    );
    assert.deepEqual(others, [{ ok: true, value: 2 }]);
  });

  it('hands over what user code prints, and lets it read the environment', async () => {
    assert.deepEqual(await callOne('print', 'x'), { ok: true, value: true });
    while (printed.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const text = (stream: string): string =>
      printed
        .filter((output) => output.stream === stream)
        .map((output) => output.text)
        .join('');
    assert.match(text('stdout'), /out x\n/);
    assert.match(text('stderr'), /err x\n/);
  });

  it('tells what each export is', async () => {
    const outcome = await callOne(KINDS_REFERENCE);
    const kinds = outcome?.ok === true ? (outcome.value as Record<string, string>) : {};
    assert.deepEqual(
      [kinds.double, kinds.later, kinds.Child, kinds.Row, kinds.Instance],
      ['function', 'function', 'class', 'schema', 'class'],
    );
  });

  it('serves several functions that are called at once', async () => {
    const answers = await Promise.all(oneToTen.map(([x = 0]) => callOne(x % 2 === 0 ? 'double' : 'later', x)));
    assert.deepEqual(
      answers,
      oneToTen.map(([x = 0]) => ({ ok: true, value: x % 2 === 0 ? 2 * x : x + 1 })),
    );
  });
});

describe('function host with code that does not load', () => {
  const load = async (code: string): Promise<FunctionOutcome[]> => {
    const task = await makeTaskFolder({ 'functions.ts': code });
    const host = createFunctionHost({ onOutput: () => undefined });
    try {
      return await host.callEach({ bundlePath: await bundleExports(task, ['f']), function: 'f' }, [[1], [2]]);
    } finally {
      await host.close();
      await task.remove();
    }
  };

  it('fails every call with the reason', async () => {
    const [first, second] = await load("throw new Error('no key');\nexport const f = 1;\n");
    assert.match(failureMessage(first), /cannot be loaded: no key \(functions\.ts:1:7\)/);
    assert.deepEqual(first, second);
    assert.match(
      failureMessage((await load('process.exit(4); export const f = 1;'))[0]),
      /cannot be loaded: ended its thread with exit code 4/,
    );
  });

  it('says so when the exports are not functions, or the thread dies between calls', async () => {
    assert.match(
      failureMessage((await load('export const f = 1;'))[0]),
      /f is a number; a function, class or zod schema is needed/,
    );
  });
});

describe('closing a function host', () => {
  it('abandons what is running instead of failing it, and takes no more', async () => {
    const task = await makeTaskFolder({ 'functions.ts': 'export const f = () => new Promise(() => {});' });
    const call = { bundlePath: await bundleExports(task, ['f']), function: 'f' };
    const host = createFunctionHost();
    const running = host.callEach(call, [[1], [2]]);
    setTimeout(() => void host.close(), 100);
    await assert.rejects(running, { code: 'INTERNAL' });
    await assert.rejects(host.callEach(call, [[1]]), { code: 'INTERNAL' });
    await task.remove();
  });
});

function failureMessage(outcome: FunctionOutcome | undefined): string {
  assert.ok(outcome !== undefined && !outcome.ok, `failed: ${JSON.stringify(outcome)}`);
  return outcome.message;
}

function assertOnlySeventhFails(outcomes: FunctionOutcome[], code: string): void {
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.code)),
    [1, 2, 3, 4, 5, 6, code, 8, 9, 10],
  );
}

function lineOf(text: string): number {
  return CODE.slice(0, CODE.indexOf(text)).split('\n').length;
}
