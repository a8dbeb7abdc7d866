import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { createFunctionHost } from '../../../activities/functions/create-function-host.ts';
import { loadPlan } from '../../../activities/planning/load-plan.ts';
import { planTask } from '../../../activities/planning/plan-task.ts';
import type { PlanTaskResult } from '../../../activities/planning/plan-task.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import type { Store } from '../../../activities/store/store.ts';
import type { Plan } from '../../../pipeline/plan.ts';
import { makeTaskFolder } from '../functions/task-bundle.ts';
import type { TaskFolder } from '../functions/task-bundle.ts';

const YAML = `data_config:
  source:
    type: disk
    file_path: data.jsonl
    transformations:
      - transform: filter
        params: { function: ./functions.ts#keep }
graph_config:
  nodes:
    tag:
      node_type: lambda
      lambda: tasks.demo.functions.Tag
      output_keys: tag
  edges:
    - { from: START, to: tag }
    - { from: tag, to: END }
schema_config:
  schema: ./functions.ts#Row
`;
const CODE = `import { z } from 'zod';
export class Tag { apply(config: object, state: object) { return { ...state, tag: 1 }; } }
export const keep = (row: { text: string }) => row.text !== '';
export const Row = z.object({ text: z.string(), tag: z.number() });
`;
const DATA = '{"text": "one"}\n{"text": "two"}\n';
const FILES = { 'tasks/demo/graph_config.yaml': YAML, 'tasks/demo/functions.ts': CODE, 'tasks/demo/data.jsonl': DATA };

const made: TaskFolder[] = [];
interface Workplace {
  folder: TaskFolder;
  store: Store;
  plan: (task: string, more?: { modelsFile?: string }) => Promise<PlanTaskResult>;
}
async function workplace(files: Record<string, string>): Promise<Workplace> {
  const folder = await makeTaskFolder(files);
  made.push(folder);
  const store = createFolderStore(join(folder.folder, '.syngraph'));
  return {
    folder,
    store,
    plan: (task, more = {}) => planTask({ task, ...more, store, workingDirectory: folder.folder, environment: {} }),
  };
}
function planOf({ plan, diagnostics }: PlanTaskResult): Plan {
  assert.ok(plan !== null, JSON.stringify(diagnostics, null, 1));
  return plan;
}

describe('planning a task', () => {
  after(async () => {
    for (const folder of made) await folder.remove();
  });

  it('keeps the plan and a bundle that runs in the store', async () => {
    const { store, plan } = await workplace(FILES);
    const planned = await plan('tasks/demo');
    const compiled = planOf(planned);
    assert.equal(compiled.pipeline, 'demo');
    assert.deepEqual(compiled.bundle?.functions, {
      'functions.ts#Tag': 'class',
      'functions.ts#keep': 'function',
      'functions.ts#Row': 'schema',
    });
    assert.deepEqual(await loadPlan(store, planned.planHash ?? ''), JSON.parse(JSON.stringify(compiled)));
    const host = createFunctionHost();
    const bundlePath = await store.localPath(`bundles/${compiled.bundle.hash}.mjs`);
    assert.deepEqual(await host.callEach({ bundlePath, function: 'functions.ts#Tag' }, [[{}, { text: 'x' }]]), [
      { ok: true, value: { text: 'x', tag: 1 } },
    ]);
    await host.close();
  });

  it('finds a task as a folder, a file and in the spellings of SyGra, with the same plan', async () => {
    const { folder, plan } = await workplace(FILES);
    const hashes = new Set<string | null>();
    for (const task of [
      'tasks/demo',
      'tasks/demo/',
      'tasks/demo/graph_config.yaml',
      'tasks.demo',
      'demo',
      join(folder.folder, 'tasks/demo'),
    ]) {
      const planned = await plan(task);
      assert.equal(planOf(planned).pipeline, 'demo', task);
      hashes.add(planned.planHash);
    }
    assert.equal(hashes.size, 1);
  });

  it('names a pipeline after its file where that is not called as usual', async () => {
    const { plan } = await workplace({ ...FILES, 'tasks/demo/variant.yml': YAML });
    assert.equal(planOf(await plan('tasks/demo/variant.yml')).pipeline, 'variant');
  });

  it('has the same plan through a link', async () => {
    const { folder, plan } = await workplace(FILES);
    await symlink(join(folder.folder, 'tasks/demo'), join(folder.folder, 'linked'));
    assert.deepEqual(planOf(await plan('linked')).bundle, planOf(await plan('tasks/demo')).bundle);
  });

  it('has another plan when the code changes', async () => {
    const { folder, plan } = await workplace(FILES);
    const { planHash } = await plan('tasks/demo');
    await folder.write({ 'tasks/demo/functions.ts': CODE.replace('tag: 1', 'tag: 2') });
    assert.notEqual((await plan('tasks/demo')).planHash, planHash);
  });

  it('says what was tried and what was meant when there is no such task', async () => {
    const { plan } = await workplace({ ...FILES, 'tasks/empty/notes.txt': '' });
    await assert.rejects(plan('demmo'), {
      code: 'TASK_NOT_FOUND',
      message: /looked for demmo, tasks\/demmo/,
      nextStep: 'Did you mean tasks/demo?',
    });
    await assert.rejects(plan('elsewhere'), { code: 'TASK_NOT_FOUND', nextStep: 'Tasks here: tasks/demo' });
    await assert.rejects(plan('tasks/empty'), {
      code: 'TASK_NOT_FOUND',
      message: /tasks\/empty holds no pipeline: none of graph_config\.yaml/,
    });
    await assert.rejects(plan('tasks/demo/data.jsonl'), { code: 'TASK_NOT_FOUND' });
  });

  it('reports all that is wrong with code, data and graph at once', async () => {
    const { plan } = await workplace({
      ...FILES,
      'tasks/demo/graph_config.yaml': YAML.replace('data.jsonl', 'absent.jsonl')
        .replace('demo.functions.Tag', 'demo.functions.Tga')
        .replace('ts#keep', 'ts#Row')
        .replace('to: END', 'to: nowhere'),
    });
    const { plan: compiled, planHash, diagnostics, sources } = await plan('tasks/demo');
    assert.deepEqual([compiled, planHash], [null, null]);
    const codes = diagnostics.map(({ code }) => code);
    for (const code of ['SOURCE_NOT_FOUND', 'MISSING_EXPORT', 'WRONG_EXPORT', 'UNKNOWN_NODE'] as const)
      assert.ok(codes.includes(code), `${code} in ${codes.join()}`);
    const shown = join('tasks', 'demo', 'graph_config.yaml');
    assert.ok(diagnostics.every(({ file }) => file === shown));
    assert.ok(sources.has(shown));
    assert.match(
      diagnostics.find(({ code }) => code === 'SOURCE_NOT_FOUND')?.message ?? '',
      /tasks\/demo\/absent\.jsonl, absent\.jsonl/,
    );
  });

  it('reports a module that does not parse, and a package that is not installed at its place in the module', async () => {
    const broken = await workplace({ ...FILES, 'tasks/demo/functions.ts': 'export class Tag {' });
    const [diagnostic] = (await broken.plan('tasks/demo')).diagnostics;
    assert.equal(diagnostic?.code, 'MODULE_BROKEN');
    assert.match(diagnostic.message, /tasks\/demo\/functions\.ts:1:19: /);

    const uninstalled = await workplace({
      ...FILES,
      'tasks/demo/functions.ts': `import x from 'no-such-package';\n${CODE}export const y = x;\nexport { x as z };`,
    });
    const planned = await uninstalled.plan('tasks/demo');
    assert.deepEqual(
      planned.diagnostics.map(({ code, file, line, column }) => ({ code, file, line, column })),
      [{ code: 'MODULE_BROKEN', file: join('tasks', 'demo', 'functions.ts'), line: 1, column: 15 }],
    );
    assert.ok(planned.sources.get(join('tasks', 'demo', 'functions.ts'))?.startsWith('import x'));
  });

  it('runs the modules where reading does not tell what an export is, and checks the answer', async () => {
    const wrap = 'const wrap = <T>(x: T): T => x;\n';
    const made = `${wrap}${CODE.replace("(row: { text: string }) => row.text !== ''", "wrap((row: { text: string }) => row.text !== '')")}`;
    const good = await workplace({ ...FILES, 'tasks/demo/functions.ts': made });
    assert.equal(planOf(await good.plan('tasks/demo')).bundle?.functions['functions.ts#keep'], 'function');

    const wrong = await workplace({
      ...FILES,
      'tasks/demo/functions.ts': `${wrap}${CODE.replace(/export const keep = .*/, 'export const keep = wrap(5);')}`,
    });
    assert.match(
      (await wrong.plan('tasks/demo')).diagnostics[0]?.message ?? '',
      /"keep" is neither a function nor a class nor a zod schema/,
    );
    const throwing = await workplace({ ...FILES, 'tasks/demo/functions.ts': `${made}throw new Error('no licence');` });
    assert.match(
      (await throwing.plan('tasks/demo')).diagnostics[0]?.message ?? '',
      /cannot be loaded: no licence \(functions\.ts:6:7\)/,
    );
    const misplaced = await workplace({
      ...FILES,
      'tasks/demo/functions.ts': `${wrap}${CODE.replace(/export const keep = .*/, 'export const keep = wrap(z.string());')}`,
    });
    assert.equal((await misplaced.plan('tasks/demo')).diagnostics[0]?.code, 'WRONG_EXPORT');
  });

  it('takes a dotted path for the module of the task that it names', async () => {
    const use = (path: string): Record<string, string> => ({
      ...FILES,
      'tasks/demo/graph_config.yaml': YAML.replace('tasks.demo.functions.Tag', path),
    });
    const other = await workplace({ ...use('tasks.other.functions.Tag'), 'tasks/other/functions.ts': CODE });
    assert.ok('../other/functions.ts#Tag' in (planOf(await other.plan('tasks/demo')).bundle?.functions ?? {}));
    const renamed = await workplace(use('tasks.before.functions.Tag'));
    assert.ok('functions.ts#Tag' in (planOf(await renamed.plan('tasks/demo')).bundle?.functions ?? {}));
    const nested = await workplace({ ...use('tasks.demo.lib.tags.Tag'), 'tasks/demo/lib/tags.ts': CODE });
    assert.ok('lib/tags.ts#Tag' in (planOf(await nested.plan('tasks/demo')).bundle?.functions ?? {}));
    const missing = await workplace(use('tasks.demo.absent.Tag'));
    assert.match(
      (await missing.plan('tasks/demo')).diagnostics[0]?.message ?? '',
      /tasks\/demo\/absent\.ts, .*tasks\/demo\/absent\.js/,
    );
  });

  it('takes the models file that is asked for, then that of the task, then that of the working directory', async () => {
    const yaml = `graph_config:
  nodes:
    ask: { node_type: llm, model: { name: small }, prompt: [{ user: Hello }], output_keys: answer }
  edges: [{ from: START, to: ask }, { from: ask, to: END }]
`;
    const models = (id: string): string => `small: { model_type: openai, model: ${id} }\n`;
    const { folder, plan } = await workplace({
      'one/graph_config.yaml': yaml,
      'config/models.yaml': models('third'),
      'given.yaml': models('first'),
    });
    const modelOf = async (more = {}): Promise<string | undefined> =>
      planOf(await plan('one', more)).models.small?.modelId;
    assert.equal(await modelOf(), 'third');
    await folder.write({ 'one/models.yaml': models('second') });
    assert.equal(await modelOf(), 'second');
    assert.equal(await modelOf({ modelsFile: 'given.yaml' }), 'first');
    await assert.rejects(plan('one', { modelsFile: 'absent.yaml' }), {
      code: 'MODELS_INVALID',
      message: /absent\.yaml/,
    });
    assert.equal(planOf(await plan('one')).bundle, null);
  });
});

describe('loading a plan', () => {
  it('refuses what is absent, damaged or changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'syngraph-plans-'));
    const store = createFolderStore(folder);
    const hash = 'a'.repeat(64);
    await assert.rejects(loadPlan(store, hash), { code: 'STORE_INVALID', message: /is not in the store/ });
    await assert.rejects(loadPlan(store, '../secret'), { code: 'STORE_INVALID', message: /is not in the store/ });
    await store.write(`plans/${hash}.json`, '{"version": 2');
    await assert.rejects(loadPlan(store, hash), { code: 'STORE_INVALID', message: /cannot be read/ });
    await store.write(`plans/${hash}.json`, '{"version": 2}');
    await assert.rejects(loadPlan(store, hash), { code: 'STORE_INVALID', message: /was changed/ });
    await writeFile(join(folder, `plans/${hash}.json`), '{"version": 99}');
    await assert.rejects(loadPlan(store, hash), { code: 'STORE_INVALID', message: /has version 99/ });
    await rm(folder, { recursive: true });
  });
});
