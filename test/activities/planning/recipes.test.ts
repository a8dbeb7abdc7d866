import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { planTask, type PlanTaskResult } from '../../../activities/planning/plan-task.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import { makeTaskFolder, type TaskFolder } from '../functions/task-bundle.ts';

const made: TaskFolder[] = [];

async function plan(yaml: string): Promise<PlanTaskResult> {
  const folder = await makeTaskFolder({ 'tasks/mine/graph_config.yaml': yaml, 'tasks/mine/data.jsonl': '{"text": "a", "prompt": "b"}\n' });
  made.push(folder);
  const store = createFolderStore(join(folder.folder, '.syngraph'));
  return planTask({ task: 'tasks/mine', store, workingDirectory: folder.folder, environment: {} });
}

const recipe = (name: string, more = ''): string => `data_config:
  source: { type: disk, file_path: data.jsonl }
graph_config:
  nodes:
    use: { node_type: subgraph, subgraph: sygra.recipes.${name}${more} }
  edges: [{ from: START, to: use }, { from: use, to: END }]
output_config:
  output_map: { text: { from: evolved_text } }
`;

describe('recipes', () => {
  after(async () => {
    for (const folder of made) await folder.remove();
  });

  it('evol_instruct compiles under its SyGra name', async () => {
    const { plan: found, diagnostics } = await plan(recipe('evol_instruct'));
    assert.deepEqual(diagnostics, []);
    assert.ok(found !== null);
    assert.ok(found.walk.nodes.includes('use/evol_text_node') && found.walk.nodes.includes('use/build_text_node'));
    assert.ok(Object.keys(found.bundle!.functions).every((name) => name.startsWith('syngraph/recipes/evol_instruct/')));
  });

  it('self_refinement compiles with the overrides that SyGra tasks make, in any folder to the same plan', async () => {
    const more = `, node_config_map: { init_self_refine: { params: { max_iterations: 3 } }, generate_candidate: { model: { name: writer } } }`;
    const first = await plan(recipe('self_refinement', more).replace('evolved_text', 'candidate'));
    const second = await plan(recipe('self_refinement', more).replace('evolved_text', 'candidate'));
    assert.deepEqual(first.diagnostics, []);
    const init = first.plan?.nodes.find((node) => node.name === 'use/init_self_refine');
    assert.ok(init?.kind === 'lambda');
    assert.deepEqual(init.config['params'], { max_iterations: 3, score_threshold: 4 });
    assert.equal(first.plan?.bundle?.hash, second.plan?.bundle?.hash);
  });

  it('quality_judge compiles under either prefix, in any folder to the same plan', async () => {
    const judge = recipe('quality_judge').replace('evolved_text', 'metadata');
    const [first, second] = [await plan(judge), await plan(judge.replace('sygra.recipes', 'syngraph.recipes'))];
    assert.deepEqual([first.diagnostics, second.diagnostics], [[], []]);
    assert.ok(first.plan !== null && second.plan !== null);
    assert.ok(first.plan.walk.nodes.includes('use/judge') && !first.plan.walk.nodes.includes('use/second_judge'));
    assert.equal(first.plan.bundle?.hash, second.plan.bundle?.hash);
  });

  it('lend their functions to nodes of other graphs', async () => {
    const { plan: found, diagnostics } = await plan(
      recipe('evol_instruct').replace('node_type: subgraph, subgraph: sygra.recipes.evol_instruct', 'node_type: lambda, lambda: sygra.recipes.evol_instruct.task_executor.EvolInstructPromptGenerator'),
    );
    assert.ok(found !== null, JSON.stringify(diagnostics));
    assert.deepEqual(Object.keys(found.bundle!.functions), ['syngraph/recipes/evol_instruct/task_executor.ts#EvolInstructPromptGenerator']);
    const ours = recipe('evol_instruct').replace('node_type: subgraph, subgraph: sygra.recipes.evol_instruct', 'node_type: lambda, lambda: syngraph.recipes.evol_instruct.task_executor.EvolInstructPromptGenerator');
    assert.deepEqual((await plan(ours)).plan?.bundle?.functions, found.bundle!.functions);
  });
});
