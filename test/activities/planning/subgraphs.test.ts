import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { planTask, type PlanTaskResult } from '../../../activities/planning/plan-task.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import { renderMermaid } from '../../../pipeline/mermaid.ts';
import type { NodePlan, Plan } from '../../../pipeline/plan.ts';
import { makeTaskFolder, type TaskFolder } from '../functions/task-bundle.ts';

const made: TaskFolder[] = [];

async function plan(files: Record<string, string>, task = 'tasks/outer'): Promise<PlanTaskResult> {
  const folder = await makeTaskFolder(files);
  made.push(folder);
  const store = createFolderStore(join(folder.folder, '.syngraph'));
  return planTask({ task, store, workingDirectory: folder.folder, environment: {} });
}

function planOf({ plan: found, diagnostics }: PlanTaskResult): Plan {
  assert.ok(found !== null, JSON.stringify(diagnostics, null, 1));
  return found;
}

/** `CODE file:line` and the message of each. */
function summaries({ diagnostics }: PlanTaskResult): string[] {
  return diagnostics.map(({ code, file, line, message }) => `${code} ${file}:${line} ${message}`);
}

function nodeOf<Kind extends NodePlan['kind']>(found: Plan, name: string, kind: Kind): Extract<NodePlan, { kind: Kind }> {
  const node = found.nodes.find((candidate) => candidate.name === name);
  assert.equal(node?.kind, kind, `${name} among ${found.walk.nodes.join(', ')}`);
  return node as Extract<NodePlan, { kind: Kind }>;
}

/** A graph whose nodes stand in a row, unless edges are given. */
function graph(nodes: Record<string, string>, edges?: string[]): string {
  const names = ['START', ...Object.keys(nodes), 'END'];
  const row = names.slice(1).map((name, index) => `    - { from: ${names[index]}, to: ${name} }`);
  const lines = Object.entries(nodes).map(([name, settings]) => `    ${name}: { ${settings} }`);
  return `graph_config:\n  nodes:\n${lines.join('\n')}\n  edges:\n${(edges ?? row).join('\n')}\n`;
}

const DATA = 'data_config:\n  source: { type: disk, file_path: data.jsonl }\n';
const ASK = (prompt: string, more = ''): string => `node_type: llm, model: m, output_keys: text, prompt: [{ user: "${prompt}" }]${more}`;
const INNER = graph({ first: ASK('{p} and {{p}}'), second: ASK('{text}') });
const ROWS = { 'tasks/outer/data.jsonl': '{"question": "one"}\n' };
const outer = (settings: string): string =>
  `${DATA}${graph({ sub: `node_type: subgraph, subgraph: ${settings}`, last: ASK('{text}') })}`;
const MAPPED = 'tasks.outer.inner, node_config_map: { first: { prompt_placeholder_map: { p: question } } }';

describe('compiling subgraphs', () => {
  it('take parameters for a model that the inner node names alone, and its name from there', async () => {
    const files = {
      'tasks/outer/data.jsonl': '{"a":"b"}\n',
      'tasks/outer/graph_config.yaml': `${DATA}${graph({ deep: 'node_type: subgraph, subgraph: ./inner, node_config_map: { ask: { model: { parameters: { temperature: 0.2 } } } }' })}`,
      'tasks/outer/inner/graph_config.yaml': graph({ ask: ASK('{a}') }),
    };
    const node = nodeOf(planOf(await plan(files)), 'deep/ask', 'llm');
    assert.deepEqual([node.model, node.parameters], ['m', { temperature: 0.2 }]);
  });

  after(async () => {
    for (const folder of made) await folder.remove();
  });

  it('puts the nodes of each call site behind all others, with routes over all of them', async () => {
    const files = { ...ROWS, 'tasks/outer/graph_config.yaml': outer(MAPPED), 'tasks/outer/inner/graph_config.yaml': INNER };
    const found = planOf(await plan(files));
    assert.deepEqual(found.walk, {
      nodes: ['sub', 'last', 'sub/first', 'sub/second'],
      start: [0],
      reach: [[], [], [], []],
      maxVisits: 100,
      subgraphs: [{ node: 0, start: [2], next: [1] }],
    });
    assert.deepEqual(found.nodes.map((node) => node.route.always), [[1], [-1], [3], [-1]]);
    assert.deepEqual(nodeOf(found, 'sub', 'subgraph').start, { always: [2], conditions: [] });
    assert.deepEqual(nodeOf(found, 'sub', 'subgraph').writes, ['text']);
  });

  it('renames the variables of prompts, and leaves doubled braces alone', async () => {
    const files = { ...ROWS, 'tasks/outer/graph_config.yaml': outer(MAPPED), 'tasks/outer/inner/graph_config.yaml': INNER };
    const found = planOf(await plan(files));
    assert.deepEqual(nodeOf(found, 'sub/first', 'llm').prompt[0]!.template, [{ variable: 'question' }, ' and {p}']);
  });

  it('renames in all inner nodes where the map stands at the subgraph node, through nested ones', async () => {
    const found = planOf(
      await plan({
        ...ROWS,
        'tasks/outer/graph_config.yaml': outer('./middle, prompt_placeholder_map: { topic: question }'),
        'tasks/outer/middle/graph_config.yaml': graph({
          deep: 'node_type: subgraph, subgraph: ../inner.yaml, node_config_map: { first: { prompt_placeholder_map: { p: topic } } }',
          own: ASK('{topic}'),
        }),
        'tasks/outer/inner.yaml': INNER,
      }),
    );
    assert.deepEqual(found.walk.nodes, ['sub', 'last', 'sub/deep', 'sub/own', 'sub/deep/first', 'sub/deep/second']);
    assert.deepEqual(nodeOf(found, 'sub/deep/first', 'llm').prompt[0]!.template[0], { variable: 'question' });
    assert.deepEqual(nodeOf(found, 'sub/own', 'llm').prompt[0]!.template, [{ variable: 'question' }]);
  });

  it('merges any key of an inner node deeply, each call site on its own', async () => {
    const override = 'node_config_map: { first: { output_keys: [other], model: { name: m2, parameters: { seed: 1 } } } }';
    const found = planOf(
      await plan({
        ...ROWS,
        'tasks/outer/graph_config.yaml': `${DATA}${graph({
          one: `node_type: subgraph, subgraph: ./inner, ${override}`,
          two: 'node_type: subgraph, subgraph: ./inner',
        })}`,
        'tasks/outer/inner/graph_config.yaml': graph({
          first: 'node_type: llm, model: { name: m, parameters: { temperature: 1 } }, output_keys: text, prompt: [{ user: "{question}" }]',
        }),
        'models.yaml': '',
      }),
    );
    const changed = nodeOf(found, 'one/first', 'llm');
    assert.deepEqual([changed.model, changed.parameters, changed.outputKeys], ['m2', { temperature: 1, seed: 1 }, ['other']]);
    const plain = nodeOf(found, 'two/first', 'llm');
    assert.deepEqual([plain.model, plain.parameters, plain.outputKeys], ['m', { temperature: 1 }, ['text']]);
  });

  it('reports a fault of an override in the outer file, and one of the subgraph in its own', async () => {
    const result = await plan({
      ...ROWS,
      'tasks/outer/graph_config.yaml': outer('./inner, node_config_map: { first: { temprature: 1 }, thrid: {} }'),
      'tasks/outer/inner/graph_config.yaml': graph({ first: ASK('{question}'), second: ASK('{nothing}') }),
    });
    assert.equal(result.plan, null);
    assert.deepEqual(summaries(result), [
      'UNKNOWN_KEY tasks/outer/graph_config.yaml:5 an llm node has no key "temprature"',
      'UNKNOWN_NODE tasks/outer/graph_config.yaml:5 The subgraph ./inner has no node "thrid"',
      'UNKNOWN_VARIABLE tasks/outer/inner/graph_config.yaml:4 Nothing provides {nothing} to "second": it is no column of the source, and no node before writes it',
    ]);
  });

  it('points at the entry of the map where a renamed variable is not provided', async () => {
    const result = await plan({
      ...ROWS,
      'tasks/outer/graph_config.yaml': outer('./inner, node_config_map: { first: { prompt_placeholder_map: { p: qestion } } }'),
      'tasks/outer/inner/graph_config.yaml': INNER,
    });
    assert.match(summaries(result).join('\n'), /^UNKNOWN_VARIABLE tasks\/outer\/graph_config\.yaml:5 Nothing provides \{qestion\}/);
  });

  it('refuses a subgraph that contains itself, and shows the way', async () => {
    const result = await plan({
      ...ROWS,
      'tasks/outer/graph_config.yaml': outer('tasks.outer.a'),
      'tasks/outer/a/graph_config.yaml': graph({ b: 'node_type: subgraph, subgraph: tasks.outer.b' }),
      'tasks/outer/b/graph_config.yaml': graph({ a: 'node_type: subgraph, subgraph: tasks.outer.a' }),
    });
    assert.match(
      summaries(result).join('\n'),
      /SUBGRAPH_CYCLE tasks\/outer\/b\/graph_config\.yaml:3 .*: tasks\/outer\/a\/graph_config\.yaml → tasks\/outer\/b\/graph_config\.yaml → tasks\/outer\/a\/graph_config\.yaml/,
    );
  });

  it('says what it looked for where there is no such subgraph', async () => {
    const result = await plan({ ...ROWS, 'tasks/outer/graph_config.yaml': outer('tasks.outer.iner') });
    assert.match(summaries(result).join('\n'), /SUBGRAPH_NOT_FOUND .* "tasks\.outer\.iner"; looked for tasks\/outer\/iner/);
  });

  it('bounds how deep and how many subgraphs are followed', async () => {
    const files: Record<string, string> = { ...ROWS, 'tasks/outer/graph_config.yaml': outer('./l0') };
    for (let level = 0; level < 12; level += 1)
      files[`tasks/outer/l${level}/graph_config.yaml`] = graph({ next: `node_type: subgraph, subgraph: ../l${level + 1}` });
    assert.match(summaries(await plan(files)).join('\n'), /followed no further than 10 levels deep/);
    const wide = graph(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`n${index}`, 'node_type: subgraph, subgraph: ../inner'])));
    const many = graph(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`n${index}`, 'node_type: subgraph, subgraph: ./wide'])));
    const result = await plan({
      ...ROWS,
      'tasks/outer/graph_config.yaml': `${DATA}${many}`,
      'tasks/outer/wide/graph_config.yaml': wide,
      'tasks/outer/inner/graph_config.yaml': graph({ ask: ASK('{question}') }),
    });
    assert.match(summaries(result).join('\n'), /followed no further than 100 subgraphs/);
  });

  it('warns that the data and output of an inner task have no effect', async () => {
    const result = await plan({
      ...ROWS,
      'tasks/outer/graph_config.yaml': outer('./inner'),
      'tasks/outer/inner/graph_config.yaml': `data_config:\n  source: { type: disk, file_path: absent.jsonl }\n${graph({ ask: ASK('{question}') })}output_config:\n  output_map: { a: { from: b } }\n`,
    });
    planOf(result);
    assert.deepEqual(
      result.diagnostics.map(({ code, severity, file, line }) => [code, severity, file, line]),
      [
        ['IGNORED_KEY', 'warning', 'tasks/outer/inner/graph_config.yaml', 1],
        ['IGNORED_KEY', 'warning', 'tasks/outer/inner/graph_config.yaml', 9],
      ],
    );
  });

  it('finds functions from the folder of the file that names them', async () => {
    const code = (name: string): string => `export const change = (config: object, state: object) => ({ ...state, by: '${name}' });\n`;
    const found = planOf(
      await plan({
        ...ROWS,
        'tasks/outer/graph_config.yaml': outer('./inner, node_config_map: { theirs: { lambda: "./functions.ts#change" } }'),
        'tasks/outer/functions.ts': code('outer'),
        'tasks/outer/inner/functions.ts': code('inner'),
        'tasks/outer/inner/graph_config.yaml': graph({
          own: 'node_type: lambda, output_keys: by, lambda: "./functions.ts#change"',
          theirs: 'node_type: lambda, output_keys: by, lambda: "./functions.ts#change"',
          text: 'node_type: lambda, output_keys: text, lambda: tasks.outer.inner.functions.change',
        }),
      }),
    );
    const names = ['sub/own', 'sub/theirs', 'sub/text'].map((name) => nodeOf(found, name, 'lambda').function);
    assert.deepEqual(names, ['inner/functions.ts#change', 'functions.ts#change', 'inner/functions.ts#change']);
    assert.deepEqual(Object.keys(found.bundle!.functions).sort(), ['functions.ts#change', 'inner/functions.ts#change']);
  });

  it('knows inside what the outer graph provides, and outside what the subgraph writes', async () => {
    const nodes = { before: ASK('{question}', ', output_keys: made').replace('output_keys: text, ', ''), sub: 'node_type: subgraph, subgraph: ./inner', last: ASK('{inner_key}') };
    const files = (prompt: string): Record<string, string> => ({
      ...ROWS,
      'tasks/outer/graph_config.yaml': `${DATA}${graph(nodes)}`,
      'tasks/outer/inner/graph_config.yaml': graph({ ask: ASK(prompt).replace('output_keys: text', 'output_keys: inner_key') }),
    });
    planOf(await plan(files('{made} {question}')));
    assert.match(summaries(await plan(files('{inner_key}'))).join('\n'), /UNKNOWN_VARIABLE tasks\/outer\/inner\/graph_config\.yaml:3/);
  });

  it('refuses two branches that write the same key where one is inside a subgraph', async () => {
    const edges = ['{ from: START, to: [sub, other] }', '{ from: sub, to: END }', '{ from: other, to: END }'].map((edge) => `    - ${edge}`);
    const result = await plan({
      ...ROWS,
      'tasks/outer/graph_config.yaml': `${DATA}${graph({ sub: 'node_type: subgraph, subgraph: ./inner', other: ASK('{question}') }, edges)}`,
      'tasks/outer/inner/graph_config.yaml': graph({ ask: ASK('{question}') }),
    });
    assert.match(summaries(result).join('\n'), /CONFLICTING_WRITES .* "sub" and "other" run side by side and both write "text"/);
  });

  it('shifts the rows of what can be reached where branches run side by side', async () => {
    const edges = ['{ from: START, to: [a, b] }', '{ from: a, to: c }', '{ from: b, to: c }', '{ from: c, to: END }'].map((edge) => `    - ${edge}`);
    const write = (key: string): string => ASK('{question}').replace('output_keys: text', `output_keys: ${key}`);
    const found = planOf(
      await plan({
        ...ROWS,
        'tasks/outer/graph_config.yaml': outer('./inner'),
        'tasks/outer/inner/graph_config.yaml': graph({ a: write('x'), b: write('y'), c: write('text') }, edges),
      }),
    );
    assert.deepEqual(found.walk.reach, [[], [], [4], [4], []]);
    assert.deepEqual(found.walk.subgraphs, [{ node: 0, start: [2, 3], next: [1] }]);
  });

  it('is drawn as a box with its nodes inside', async () => {
    const files = { ...ROWS, 'tasks/outer/graph_config.yaml': outer(MAPPED), 'tasks/outer/inner/graph_config.yaml': INNER };
    assert.equal(
      renderMermaid(planOf(await plan(files))),
      `flowchart TD
  START([START])
  subgraph n0["sub"]
    n0s([START])
    n2["sub/first<br/><small>llm: m</small>"]
    n3["sub/second<br/><small>llm: m</small>"]
    n0e([END])
  end
  n1["last<br/><small>llm: m</small>"]
  END_([END])
  START --> n0
  n0 --> n1
  n1 --> END_
  n2 --> n3
  n3 --> n0e
  n0s --> n2
`,
    );
  });

  it('refuses a node whose name is that of a node inside a subgraph', async () => {
    const nodes = { sub: 'node_type: subgraph, subgraph: ./inner', 'sub/ask': ASK('{question}') };
    const result = await plan({
      ...ROWS,
      'tasks/outer/graph_config.yaml': `${DATA}${graph(nodes)}`,
      'tasks/outer/inner/graph_config.yaml': graph({ ask: ASK('{question}') }),
    });
    assert.match(summaries(result).join('\n'), /DUPLICATE_NODE tasks\/outer\/graph_config\.yaml:6 .*"sub\/ask"/);
  });

  it('refuses a graph whose walk table would fill the histories', async () => {
    const names = Array.from({ length: 90 }, (_, index) => `a_node_with_a_rather_long_name_${index}`);
    const result = await plan({
      ...ROWS,
      'tasks/outer/graph_config.yaml': `${DATA}${graph({ a: 'node_type: subgraph, subgraph: ./inner', b: 'node_type: subgraph, subgraph: ./inner', c: 'node_type: subgraph, subgraph: ./inner' })}`,
      'tasks/outer/inner/graph_config.yaml': graph(Object.fromEntries(names.map((name) => [name, ASK('{question}')]))),
    });
    assert.match(summaries(result).join('\n'), /GRAPH_TOO_LARGE .* 273 nodes, those of 3 subgraphs included; its walk table takes \d+ bytes of at most 10240/);
  });

  it('leaves out an idle subgraph, whatever it leads to', async () => {
    const found = planOf(await plan({ ...ROWS, 'tasks/outer/graph_config.yaml': outer('./nowhere, node_state: idle').replace('{text}', '{question}') }));
    assert.deepEqual(found.walk.nodes, ['last']);
  });
});
