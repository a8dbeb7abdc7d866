import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { END } from '../../pipeline/plan.ts';
import { forwardGraph, reachableFrom } from '../../pipeline/reachability.ts';
import { compilePlan, compileText, graphOf, summaries } from './compile-text.ts';

const messages = (text: string): string[] => compileText(text).diagnostics.map(({ message }) => message);

describe('a compiled graph', () => {
  it('keeps the order of the file, names that are digits included', () => {
    // A JavaScript object would list 2 and 10 first.
    const text = graphOf({ b: '', x10: '', x2: '', 'ä ö': '' }, [
      'START>b',
      'b>x10',
      'x10>x2',
      'x2>ä ö',
      'ä ö>END',
    ]).replace(/x(?=\d)/g, '');
    const plan = compilePlan(text);
    assert.deepEqual(plan.walk.nodes, ['b', '10', '2', 'ä ö']);
    assert.deepEqual(
      plan.nodes.map(({ name, route }) => [name, route.always]),
      [
        ['b', [1]],
        ['10', [2]],
        ['2', [3]],
        ['ä ö', [END]],
      ],
    );
  });

  it('resolves lists of targets, conditions and START', () => {
    const plan = compilePlan(
      graphOf({ a: '', b: '', c: '' }, ['START>both=[a, b], one=c', 'a>[c, END]', 'b>c', 'c>true=END, 1=[b, END]']),
    );
    assert.equal(plan.walk.start, null);
    assert.deepEqual(plan.start, {
      always: [],
      conditions: [{ function: 'functions.ts#route', paths: { both: [0, 1], one: [2] } }],
    });
    assert.deepEqual(plan.nodes[0]?.route.always, [2, END]);
    assert.deepEqual(plan.nodes[2]?.route.conditions[0]?.paths, { true: [END], '1': [1, END] });
  });

  it('does not count back edges of loops in reach', () => {
    const plan = compilePlan(graphOf({ a: '', b: '', c: '' }, ['START>[a, c]', 'a>b', 'b>again=a, done=END', 'c>END']));
    assert.deepEqual(plan.walk, { nodes: ['a', 'b', 'c'], start: [0, 2], reach: [[1], [], []], maxVisits: 100 });
  });

  it('leaves reach out where no record can be in two branches', () => {
    const names = Array.from({ length: 120 }, (_, index) => `node_${index}`);
    const edges = ['START>node_0', ...names.map((name, index) => `${name}>${names[index + 1] ?? 'END'}`)];
    const { walk } = compilePlan(graphOf(Object.fromEntries(names.map((name) => [name, ''])), edges));
    assert.ok(JSON.stringify(walk).length < 10_000);
    assert.ok(walk.reach.every((row) => row.length === 0));
  });

  it('takes max_visits from graph_properties', () => {
    const text = graphOf({ a: '' }, ['START>a', 'a>END']).replace(
      '  nodes:',
      '  graph_properties: {max_visits: 7, chat_conversation: singleturn}\n  nodes:',
    );
    assert.equal(compilePlan(text).walk.maxVisits, 7);
  });

  it('connects what leads to an idle node with where it leads', () => {
    const plan = compilePlan(
      graphOf({ a: '', off: 'node_state: idle', b: '', c: '' }, ['START>a', 'a>off', 'off>[b, c]', 'b>END', 'c>END']),
    );
    assert.deepEqual(plan.walk.nodes, ['a', 'b', 'c']);
    assert.deepEqual(plan.nodes[0]?.route.always, [1, 2]);
  });

  it('bypasses idle nodes in a row, in answers of conditions, and hands their conditions on', () => {
    const plan = compilePlan(
      graphOf({ a: '', off: 'node_state: idle', gone: 'node_state: idle', b: '' }, [
        'START>a',
        'a>skip=off, go=b',
        'off>gone',
        'gone>b',
        'b>END',
      ]),
    );
    assert.deepEqual(plan.nodes[0]?.route.conditions[0]?.paths, { skip: [1], go: [1] });
    const handed = compilePlan(
      graphOf({ a: '', off: 'node_state: idle' }, ['START>a', 'a>off', 'off>again=a, redo=off, done=END']),
    );
    assert.deepEqual(handed.nodes[0]?.route, {
      always: [],
      conditions: [{ function: 'functions.ts#route', paths: { again: [0], redo: [], done: [END] } }],
    });
  });

  it('refuses an answer that leads to an idle node with a condition of its own', () => {
    const text = graphOf({ a: '', off: 'node_state: idle' }, ['START>a', 'a>x=off, y=END', 'off>again=a, done=END']);
    assert.deepEqual(summaries(compileText(text).diagnostics), ['WRONG_VALUE 9:66']);
  });

  it('refuses edges that are incomplete or contradict themselves', () => {
    const text =
      graphOf({ a: '' }, ['START>a', 'a>END']) +
      `    - {from: a}
    - {from: a, condition: "./functions.ts#route"}
    - {from: a, path_map: {x: END}}
    - {from: a, to: END, condition: "./functions.ts#route", path_map: {x: END}}
    - {from: END, to: a}
    - {from: a, to: START}
`;
    assert.deepEqual(
      summaries(compileText(text).diagnostics),
      [
        'MISSING_KEY 9:7',
        'MISSING_KEY 10:17',
        'MISSING_KEY 11:17',
        'WRONG_VALUE 12:17',
        'UNKNOWN_NODE 13:14',
        'UNKNOWN_NODE 14:21',
      ].map((line) => line),
    );
  });

  it('refuses a graph that START does not enter, and nodes that are called START', () => {
    assert.deepEqual(messages(graphOf({ a: '' }, ['a>END'])), ['No edge leaves START']);
    assert.ok(messages(graphOf({ a: '', START: '' }, ['START>a', 'a>END'])).includes('A node cannot be called START'));
  });
});

describe('keys that two branches write', () => {
  const conflict = (nodes: Record<string, string>, edges: string[]): boolean =>
    compileText(graphOf(nodes, edges)).diagnostics.some(({ code }) => code === 'CONFLICTING_WRITES');
  const x = 'output_keys: x';

  it('are refused where both branches are active', () => {
    const text = graphOf({ a: '', b: x, c: x }, ['START>a', 'a>[b, c]', 'b>END', 'c>END']);
    const [diagnostic] = compileText(text).diagnostics;
    assert.equal(diagnostic?.message, '"b" and "c" run side by side and both write "x"');
    assert.equal(diagnostic.line, 7);
    assert.ok(conflict({ b: x, b2: '', c: '', c2: x }, ['START>[b, c]', 'b>b2', 'b2>END', 'c>c2', 'c2>END']));
    assert.ok(conflict({ a: '', b: x, c: x }, ['START>a', 'a>b', 'a>go=c, stop=END', 'b>END', 'c>END']));
    assert.ok(conflict({ a: '', b: x, c: x }, ['START>a', 'a>both=[b, c]', 'b>END', 'c>END']));
  });

  it('are allowed where a condition chooses one branch', () => {
    assert.ok(!conflict({ a: '', b: x, c: x }, ['START>a', 'a>l=b, r=c', 'b>END', 'c>END']));
  });

  it('are allowed one after the other, before and behind a join, and in a choice behind it', () => {
    assert.ok(!conflict({ a: x, b: '', c: '', d: x }, ['START>a', 'a>[b, c]', 'b>d', 'c>d', 'd>END']));
    assert.ok(
      !conflict({ b: '', c: '', d: '', e: x, f: x }, ['START>[b, c]', 'b>d', 'c>d', 'd>l=e, r=f', 'e>END', 'f>END']),
    );
    // b waits for a, which still reaches it.
    assert.ok(!conflict({ a: x, b: x }, ['START>[a, b]', 'a>b', 'b>END']));
  });

  it('are allowed for messages', () => {
    assert.ok(
      !conflict({ b: 'output_keys: messages', c: 'output_keys: messages' }, ['START>[b, c]', 'b>END', 'c>END']),
    );
  });
});

describe('reachability', () => {
  const graphs = fc
    .integer({ min: 1, max: 9 })
    .chain((size) =>
      fc.record({
        start: fc.array(fc.nat(size - 1), { minLength: 1, maxLength: 3 }),
        graph: fc.array(fc.array(fc.integer({ min: END, max: size - 1 }), { maxLength: 3 }), {
          minLength: size,
          maxLength: size,
        }),
      }),
    );

  it('is that of a graph without cycles, which still enters every node that START reaches', () => {
    fc.assert(
      fc.property(graphs, ({ start, graph }) => {
        const { successors, reach } = forwardGraph(start, graph);
        for (const [node, row] of reach.entries()) {
          assert.ok(!row.includes(node));
          assert.deepEqual(new Set(row), reachableFrom(successors[node]!, successors));
          assert.ok(successors[node]!.every((target) => graph[node]!.includes(target)));
        }
        assert.deepEqual(reachableFrom(start, successors), reachableFrom(start, graph));
      }),
    );
  });

  it('does not exhaust the stack on a long chain', () => {
    const graph = Array.from({ length: 3_000 }, (_, index) => [index + 1 < 3_000 ? index + 1 : END]);
    assert.equal(forwardGraph([0], graph).reach[0]?.length, 2_999);
  });
});
