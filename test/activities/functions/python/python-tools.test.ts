import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createFunctionHost } from '../../../../activities/functions/create-function-host.ts';
import type { FunctionHost, FunctionOutcome } from '../../../../activities/functions/function-host.ts';
import { CALL_TOOL_METHOD, DESCRIBE_TOOLS_METHOD } from '../../../../activities/functions/thread-protocol.ts';
import type { JsonValue } from '../../../../pipeline/json.ts';
import { makePythonTask, type PythonTask } from './python-task.ts';

const CODE = `
import enum
from typing import Dict, List, Literal, Optional
from langchain_core.tools import tool

class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"

@tool
def add(a: float, b: float):
    """Add two numbers."""
    return a + b

@tool("paint_it")
def paint(colour: Colour, words: List[str], size: Literal["s", "l"] = "s", extra: Optional[Dict[str, int]] = None) -> str:
    """Paint words."""
    return "{} {}".format(colour, words)

@tool(description="Waits")
async def later(seconds: int):
    return "waited {}".format(seconds)

class Tools:
    def no_tool(self):
        pass

    @tool
    def subtract(a: float, b: float):
        """Subtract b from a."""
        return a - b

    @tool
    def divide(a: float, b: float):
        """Divide."""
        return a / b

def plain():
    pass
`;

describe('tools in Python', () => {
  let made: PythonTask;
  let host: FunctionHost;
  before(async () => {
    made = await makePythonTask({ 'tasks/demo/task_executor.py': CODE });
    host = createFunctionHost({ pythonProcesses: 1 });
  });
  after(async () => {
    await host.close();
    await made.task.remove();
  });

  async function ask(name: string, method: string, argumentList: JsonValue[] = []): Promise<FunctionOutcome> {
    const call = { bundlePath: '', python: made.code, function: `task_executor.py#${name}`, method };
    const [outcome] = await host.callEach(call, [argumentList]);
    assert.ok(outcome !== undefined);
    return outcome;
  }
  async function valueOf(name: string): Promise<{ name: string; parameters: object }[]> {
    const outcome = await ask(name, DESCRIBE_TOOLS_METHOD);
    assert.ok(outcome.ok, JSON.stringify(outcome));
    return outcome.value as unknown as { name: string; parameters: object }[];
  }
  const number = { type: 'number' };

  it('are described by their name, docstring and type hints', async () => {
    const parameters = { type: 'object', properties: { a: number, b: number }, required: ['a', 'b'] };
    assert.deepEqual(await ask('add', DESCRIBE_TOOLS_METHOD), { ok: true, value: [{ name: 'add', description: 'Add two numbers.', parameters }] });
    const [painting] = await valueOf('paint');
    assert.equal(painting?.name, 'paint_it');
    assert.deepEqual(painting.parameters, {
      type: 'object',
      properties: {
        colour: { enum: ['red', 'blue'] },
        words: { type: 'array', items: { type: 'string' } },
        size: { enum: ['s', 'l'], default: 's' },
        extra: { anyOf: [{ type: 'object', additionalProperties: { type: 'integer' } }, { type: 'null' }], default: null },
      },
      required: ['colour', 'words'],
    });
  });

  it('are found in classes and in whole modules, in the order of the file', async () => {
    const names = async (name: string): Promise<string[]> => (await valueOf(name)).map((tool) => tool.name);
    assert.deepEqual(await names('Tools'), ['subtract', 'divide']);
    assert.deepEqual(await names('*'), ['add', 'paint_it', 'later']);
    assert.match(JSON.stringify(await ask('plain', DESCRIBE_TOOLS_METHOD)), /is no tool and holds none/);
  });

  it('are called by name, asynchronous ones too', async () => {
    assert.deepEqual(await ask('Tools', CALL_TOOL_METHOD, ['subtract', { a: 5, b: 2 }, {}]), { ok: true, value: 3 });
    assert.deepEqual(await ask('*', CALL_TOOL_METHOD, ['later', { seconds: 2 }, {}]), { ok: true, value: 'waited 2' });
  });

  it('tell the model what is wrong with its arguments', async () => {
    const message = async (values: JsonValue): Promise<string> => ((await ask('add', CALL_TOOL_METHOD, ['add', values, {}])) as { message: string }).message;
    assert.equal(await message({ a: 1 }), 'TypeError: add: b is missing');
    assert.equal(await message({ a: 1, b: 'two' }), 'TypeError: add: b must be of type number');
    assert.equal(await message({ a: 1, b: 2, c: 3 }), 'TypeError: add: c is not an argument; there are: a, b');
    assert.match(((await ask('Tools', CALL_TOOL_METHOD, ['divide', { a: 1, b: 0 }, {}])) as { message: string }).message, /ZeroDivisionError/);
    assert.match(((await ask('add', CALL_TOOL_METHOD, ['sub', {}, {}])) as { message: string }).message, /no tool sub; it has: add/);
  });
});
