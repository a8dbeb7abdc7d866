import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createFunctionHost } from '../../../activities/functions/create-function-host.ts';
import type { FunctionHost, FunctionOutcome } from '../../../activities/functions/function-host.ts';
import { CALL_TOOL_METHOD, DESCRIBE_TOOLS_METHOD } from '../../../activities/functions/thread-protocol.ts';
import type { JsonValue } from '../../../pipeline/json.ts';
import { bundleExports, makeTaskFolder, type TaskFolder } from './task-bundle.ts';

const CODE = `
import { z } from 'zod';
const two = z.object({ a: z.number().describe('the first'), b: z.number().default(10) });
export const add = { description: 'Adds.', parameters: two, execute: ({ a, b }: { a: number; b: number }) => a + b };
export const renamed = { name: 'plus', description: 'Adds too.', parameters: two, execute: async ({ a, b }: { a: number; b: number }) => ({ sum: a + b }) };
export function subtract({ a, b }: { a: number; b: number }, context: { call: string }) { return a - b + ' by ' + context.call; }
subtract.description = 'Subtracts.';
subtract.parameters = two;
class Base { static zero = { description: 'Zero.', parameters: z.object({}), execute: () => 0 }; }
export class Toolbox extends Base {
  static divide = { description: 'Divides.', parameters: two, execute({ a, b }: { a: number; b: number }) { if (b === 0) throw new RangeError('b is 0'); return a / b; } };
  factor = 3;
  multiply = { description: 'Multiplies.', parameters: two, execute: ({ a }: { a: number }) => a * this.factor };
  helper() { return 'no tool'; }
}
export const late = { description: 'Checked later.', parameters: z.object({ a: z.number().refine(async (a) => a > 0, 'not positive') }), execute: ({ a }: { a: number }) => a };
export const LIMIT = 3;
export const wrong = { description: 'No object.', parameters: z.string(), execute: () => 1 };
export const badName = { name: 'not a name', description: 'Bad.', parameters: z.object({}), execute: () => 1 };
`;

describe('tools of the task', () => {
  let task: TaskFolder;
  let bundlePath: string;
  let host: FunctionHost;
  before(async () => {
    task = await makeTaskFolder({ 'functions.ts': CODE });
    bundlePath = await bundleExports(task, ['add', 'renamed', 'subtract', 'Toolbox', 'late', 'LIMIT', 'wrong', 'badName', '*']);
    host = createFunctionHost({ threads: 1 });
  });
  after(async () => {
    await host.close();
    await task.remove();
  });

  const describeOf = async (reference: string): Promise<FunctionOutcome | undefined> =>
    (await host.callEach({ bundlePath, function: reference, method: DESCRIBE_TOOLS_METHOD }, [[]]))[0];
  const namesOf = async (reference: string): Promise<string[]> => {
    const outcome = await describeOf(reference);
    assert.ok(outcome?.ok, JSON.stringify(outcome));
    return (outcome.value as { name: string }[]).map(({ name }) => name);
  };
  const callTool = async (reference: string, ...argumentList: JsonValue[]): Promise<FunctionOutcome | undefined> =>
    (await host.callEach({ bundlePath, function: reference, method: CALL_TOOL_METHOD }, [argumentList]))[0];

  it('describes a tool by its name, its description and the JSON Schema of what it takes', async () => {
    assert.deepEqual(await describeOf('add'), {
      ok: true,
      value: [
        {
          name: 'add',
          description: 'Adds.',
          parameters: {
            type: 'object',
            properties: { a: { type: 'number', description: 'the first' }, b: { type: 'number', default: 10 } },
            required: ['a'],
          },
        },
      ],
    });
  });

  it('finds functions with parameters, named tools, and the members of classes, inherited ones too', async () => {
    assert.deepEqual(await namesOf('renamed'), ['plus']);
    assert.deepEqual(await namesOf('subtract'), ['subtract']);
    assert.deepEqual((await namesOf('Toolbox')).sort(), ['divide', 'multiply', 'zero']);
  });

  it('calls a tool with what its schema makes of the arguments', async () => {
    assert.deepEqual(await callTool('add', 'add', { a: 1 }, {}), { ok: true, value: 11 });
    assert.deepEqual(await callTool('renamed', 'plus', { a: 1, b: 2 }, {}), { ok: true, value: { sum: 3 } });
    assert.deepEqual(await callTool('subtract', 'subtract', { a: 1, b: 2 }, { call: 'k' }), { ok: true, value: '-1 by k' });
    assert.deepEqual(await callTool('Toolbox', 'multiply', { a: 5 }, {}), { ok: true, value: 15 });
    assert.deepEqual(await callTool('late', 'late', { a: 5 }, {}), { ok: true, value: 5 });
  });

  it('answers what was wrong with arguments or execution', async () => {
    const misfit = await callTool('add', 'add', { a: 'one' }, {});
    assert.ok(misfit?.ok === false && /a: .*number/.test(misfit.message), JSON.stringify(misfit));
    const refused = await callTool('late', 'late', { a: -1 }, {});
    assert.ok(refused?.ok === false && /a: not positive/.test(refused.message), JSON.stringify(refused));
    const thrown = await callTool('Toolbox', 'divide', { a: 1, b: 0 }, {});
    assert.ok(thrown?.ok === false && /RangeError: b is 0/.test(thrown.message), JSON.stringify(thrown));
    const unknown = await callTool('Toolbox', 'power', {}, {});
    assert.ok(unknown?.ok === false && /no tool power; it has: zero, divide, multiply|divide, zero, multiply/.test(unknown.message), JSON.stringify(unknown));
  });

  it('refuses exports that are no tools', async () => {
    for (const [reference, message] of [['LIMIT', /is no tool/], ['wrong', /must be z\.object/], ['badName', /"not a name" cannot name a tool/]] as const) {
      const outcome = await describeOf(reference);
      assert.ok(outcome?.ok === false && message.test(outcome.message), JSON.stringify(outcome));
    }
  });
});
