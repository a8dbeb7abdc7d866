import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { planTask, type PlanTaskResult } from '../../../activities/planning/plan-task.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import { makeTaskFolder, type TaskFolder } from '../functions/task-bundle.ts';

const yaml = (lambda: string, more = ''): string => `${more}
graph_config:
  nodes:
    tag: { node_type: lambda, lambda: ${lambda}, output_keys: tag }
  edges:
    - { from: START, to: tag }
    - { from: tag, to: END }
`;
const PYTHON = `
from sygra.core.graph.functions.lambda_function import LambdaFunction

class Tag(LambdaFunction):
    def apply(config, state):
        return {"tag": 1}

class Other:
    def other(self):
        pass

Alias = Tag
NAME = "text"
`;
const TYPESCRIPT = 'export class Tag { apply() { return { tag: 2 }; } }\n';

describe('planning a task with helpers in Python', () => {
  const made: TaskFolder[] = [];
  after(async () => {
    for (const folder of made) await folder.remove();
  });

  async function plan(files: Record<string, string>, environment: NodeJS.ProcessEnv = process.env): Promise<PlanTaskResult> {
    const folder = await makeTaskFolder(files);
    made.push(folder);
    const store = createFolderStore(join(folder.folder, '.syngraph'));
    return planTask({ task: 'tasks/demo', store, workingDirectory: folder.folder, environment });
  }
  function references({ plan: planned, diagnostics }: PlanTaskResult): string[] {
    assert.ok(planned !== null, JSON.stringify(diagnostics, null, 1));
    return Object.keys(planned.bundle?.functions ?? {});
  }
  const dotted = 'tasks.demo.task_executor.Tag';
  const bothLanguages = { 'tasks/demo/task_executor.py': PYTHON, 'tasks/demo/task_executor.ts': TYPESCRIPT };

  it('finds a Python module that has no TypeScript twin', async () => {
    const planned = await plan({ 'tasks/demo/graph_config.yaml': yaml(dotted), 'tasks/demo/task_executor.py': PYTHON });
    assert.deepEqual(references(planned), ['task_executor.py#Tag']);
    assert.match(planned.plan?.bundle?.python?.hash ?? '', /^[0-9a-f]{64}$/);
  });

  it('prefers TypeScript, and Python where the pipeline says so', async () => {
    assert.deepEqual(references(await plan({ 'tasks/demo/graph_config.yaml': yaml(dotted), ...bothLanguages })), ['task_executor.ts#Tag']);
    assert.deepEqual(references(await plan({ 'tasks/demo/graph_config.yaml': yaml(dotted, 'helpers: python'), ...bothLanguages })), ['task_executor.py#Tag']);
    const { diagnostics } = await plan({ 'tasks/demo/graph_config.yaml': yaml(dotted, 'helpers: typescript'), 'tasks/demo/task_executor.py': PYTHON });
    assert.deepEqual(diagnostics.map(({ code }) => code), ['MODULE_NOT_FOUND']);
  });

  it('takes the short spelling, and names that had to be run to be told', async () => {
    const files = { 'tasks/demo/graph_config.yaml': yaml('./task_executor.py#Alias'), 'tasks/demo/task_executor.py': PYTHON };
    const planned = await plan(files);
    assert.deepEqual(references(planned), ['task_executor.py#Alias']);
    assert.deepEqual(planned.plan?.bundle?.functions, { 'task_executor.py#Alias': 'class' });
  });

  it('makes the same plan of the same code, and another one when a module changes that it imports', async () => {
    const files = { 'tasks/demo/graph_config.yaml': yaml(dotted), 'tasks/demo/task_executor.py': `import tasks.shared.words\n${PYTHON}`, 'tasks/shared/words.py': 'WORDS = 1\n' };
    const hash = async (changed = {}): Promise<string | undefined> => (await plan({ ...files, ...changed })).plan?.bundle?.python?.hash;
    const first = await hash();
    assert.equal(await hash(), first);
    assert.notEqual(await hash({ 'tasks/shared/words.py': 'WORDS = 2\n' }), first);
    assert.notEqual(first, undefined);
  });

  for (const { what, lambda, python, expected } of [
    { what: 'an export that is missing', lambda: 'tasks.demo.task_executor.Tga', python: PYTHON, expected: /MISSING_EXPORT.*"Tga".*Did you mean "Tag"/ },
    { what: 'a class without the method', lambda: 'tasks.demo.task_executor.Other', python: PYTHON, expected: /WRONG_EXPORT.*no method apply\(\)/ },
    { what: 'a syntax error, with its place', lambda: dotted, python: 'class Tag:\n  def (', expected: /MODULE_BROKEN.*tasks\/demo\/task_executor\.py:2: / },
    { what: 'a package that is not installed', lambda: dotted, python: `import absent_package.part\n${PYTHON}`, expected: /MODULE_BROKEN.*no module \\"absent_package\.part\\".*pip install absent_package.*task_executor\.py","line":1/ },
    { what: "a module of SyGra's that is not provided", lambda: dotted, python: `from sygra.core.absent import x\n${PYTHON}`, expected: /sygra\.core\.absent.*not provided/ },
  ]) {
    it(`reports ${what}`, async () => {
      const { plan: planned, diagnostics } = await plan({ 'tasks/demo/graph_config.yaml': yaml(lambda), 'tasks/demo/task_executor.py': python });
      assert.equal(planned, null);
      assert.match(JSON.stringify(diagnostics).replaceAll('\\"Tga\\"', '"Tga"').replaceAll('\\"Tag\\"', '"Tag"'), expected);
    });
  }

  it('leaves an import alone that is tried, or done when it is needed', async () => {
    const python = `try:\n  import absent_one\nexcept ImportError:\n  absent_one = None\n${PYTHON}\ndef later():\n  import absent_two\n`;
    assert.deepEqual(references(await plan({ 'tasks/demo/graph_config.yaml': yaml(dotted), 'tasks/demo/task_executor.py': python })), ['task_executor.py#Tag']);
  });

  it('says how to get Python where there is none', async () => {
    const environment = { PATH: '/nowhere', SYNGRAPH_PYTHON: '' };
    const { diagnostics } = await plan({ 'tasks/demo/graph_config.yaml': yaml(dotted), 'tasks/demo/task_executor.py': PYTHON }, environment);
    assert.match(diagnostics[0]?.message ?? '', /no Python 3\.9 or later was found \(python3: not found; python: not found\).*SYNGRAPH_PYTHON/);
  });
});
