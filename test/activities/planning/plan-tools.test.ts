import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createFunctionHost } from '../../../activities/functions/create-function-host.ts';
import { DESCRIBE_TOOLS_METHOD } from '../../../activities/functions/thread-protocol.ts';
import { planTask, type PlanTaskResult } from '../../../activities/planning/plan-task.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import { makeTaskFolder, type TaskFolder } from '../functions/task-bundle.ts';

const TOOLS = `
import { z } from 'zod';
const parameters = z.object({ text: z.string() });
export const LIMIT = 3;
export const shout = { description: 'Shouts.', parameters, execute: ({ text }) => text.toUpperCase() };
export function whisper({ text }) { return text.toLowerCase(); }
whisper.parameters = parameters;
export class Empty { help() { return 1; } }
export class Box { static shout = shout; }
`;

const pipeline = (tools: string): string => `
graph_config:
  nodes:
    helper: { node_type: agent, model: writer, prompt: [{ user: hi }], output_keys: answer, tools: ${tools} }
  edges: [{ from: START, to: helper }, { from: helper, to: END }]
`;

describe('planning a task with tools', () => {
  const made: TaskFolder[] = [];
  after(async () => {
    for (const folder of made) await folder.remove();
  });

  async function plan(tools: string): Promise<PlanTaskResult & { bundlePath: string }> {
    const task = await makeTaskFolder({ 'tasks/demo/graph_config.yaml': pipeline(tools), 'tasks/demo/tools.ts': TOOLS });
    made.push(task);
    const store = createFolderStore(join(task.folder, '.syngraph'));
    const planned = await planTask({ task: 'tasks/demo', store, workingDirectory: task.folder, environment: {} });
    return { ...planned, bundlePath: join(task.folder, '.syngraph', `bundles/${planned.plan?.bundle?.hash ?? ''}.mjs`) };
  }

  it('takes tools, classes of tools, and a module by its dotted path, whatever else that exports', async () => {
    const { plan: made, bundlePath, diagnostics } = await plan('[tasks.demo.tools.shout, ./tools.ts#Box, tasks.demo.tools]');
    assert.deepEqual(made?.bundle?.functions, { 'tools.ts#*': 'module', 'tools.ts#Box': 'class', 'tools.ts#shout': 'class' }, JSON.stringify(diagnostics));
    const host = createFunctionHost({ threads: 1 });
    const [outcome] = await host.callEach({ bundlePath, function: 'tools.ts#*', method: DESCRIBE_TOOLS_METHOD }, [[]]);
    await host.close();
    assert.deepEqual(outcome?.ok && (outcome.value as { name: string }[]).map(({ name }) => name), ['shout', 'whisper']);
  });

  it('refuses what is no tool, and says what one is', async () => {
    const empty = await plan('[./tools.ts#Empty]');
    assert.equal(empty.plan, null);
    assert.deepEqual(empty.diagnostics.map(({ code, file }) => [code, file]), [['WRONG_EXPORT', 'tasks/demo/tools.ts']]);
    assert.match(empty.diagnostics[0]?.message ?? '', /tools\.ts#Empty is no tool and holds none; a tool is \{ description, parameters: z\.object/);
    const constant = await plan('[./tools.ts#LIMIT]');
    assert.deepEqual(constant.diagnostics.map(({ code }) => code), ['WRONG_EXPORT']);
  });
});
