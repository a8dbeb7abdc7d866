import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodePlan } from '../../pipeline/plan.ts';
import { compilePlan, compileText, SOURCE, summaries } from './compile-text.ts';

/** A pipeline of one chain of nodes, as flow mappings. */
function chain(nodes: Record<string, string>, top = ''): string {
  const names = Object.keys(nodes);
  const lines = Object.entries(nodes).map(([name, settings]) => `    ${name}: {${settings}}`);
  const edges = [...names, 'END'].map((name, index) => `    - {from: ${names[index - 1] ?? 'START'}, to: ${name}}`);
  return `${SOURCE}${top}graph_config:\n  nodes:\n${lines.join('\n')}\n  edges:\n${edges.join('\n')}\n`;
}

function nodePlan(settings: string): NodePlan {
  return compilePlan(chain({ node: settings })).nodes[0]!;
}

function faults(settings: string): [string, string][] {
  return compileText(chain({ node: settings })).diagnostics.map(({ code, message }) => [code, message]);
}

const LAMBDA = 'node_type: lambda, lambda: "./functions.ts#change"';

describe('a fan_out node', () => {
  it('compiles, with a name for the item', () => {
    assert.deepEqual(nodePlan('node_type: fan_out, items: text, as: line, index_key: number'), {
      kind: 'fan_out', name: 'node', route: { always: [-1], conditions: [] }, writes: ['line', 'number'], items: 'text', as: 'line', indexKey: 'number',
    });
    assert.deepEqual(nodePlan('node_type: fan_out, items: text').writes, ['item']);
  });

  it('does not write item and number to one key', () => {
    assert.match(faults('node_type: fan_out, items: text, as: a, index_key: a')[0]![1], /both the item and its number/);
  });

  it('is refused where nothing provides its list', () => {
    assert.match(faults('node_type: fan_out, items: texts')[0]![1], /Nothing provides "texts" to "node"/);
  });
});

describe('a filter node', () => {
  it('compiles a condition', () => {
    const plan = nodePlan('node_type: filter, where: "text == \'x\' and exists id"');
    assert.deepEqual(plan.kind === 'filter' && plan.where, {
      kind: 'expression',
      expression: { kind: 'and', parts: [{ kind: 'compare', path: ['text'], operator: '==', value: 'x' }, { kind: 'exists', path: ['id'] }] },
    });
  });

  it('compiles a function, which the plan then brings along', () => {
    const { plan, functions } = compileText(chain({ node: 'node_type: filter, function: "./functions.ts#isLong"' }));
    const node = plan?.nodes[0];
    assert.deepEqual(node?.kind === 'filter' && node.where, { kind: 'function', function: 'functions.ts#isLong' });
    assert.deepEqual(functions.map(({ reference }) => reference), ['functions.ts#isLong']);
  });

  it('wants exactly one of the two', () => {
    assert.match(faults('node_type: filter')[0]![1], /needs where or function/);
    assert.match(faults('node_type: filter, where: "id == 1", function: "./functions.ts#isLong"')[0]![1], /not both/);
    assert.equal(faults('node_type: filter, function: "./functions.ts#missing"')[0]![0], 'MISSING_EXPORT');
  });

  it('points at the fault in a condition', () => {
    const { diagnostics } = compileText(`${SOURCE}graph_config:
  nodes:
    good:
      node_type: filter
      where: "id == 1 and text = 'x'"
  edges: [{from: START, to: good}, {from: good, to: END}]
`);
    assert.deepEqual(summaries(diagnostics), ['BAD_CONDITION 7:32']);
    assert.match(diagnostics[0]!.message, /Write "==" instead of "="/);
  });

  it('warns of a key that nothing provides', () => {
    const { plan, diagnostics } = compileText(chain({ node: 'node_type: filter, where: "scroe > 1"' }));
    assert.notEqual(plan, null);
    assert.deepEqual(diagnostics.map(({ code, severity }) => [code, severity]), [['UNKNOWN_VARIABLE', 'warning']]);
  });

  it('does not warn where a node before may write anything', () => {
    assert.deepEqual(compileText(chain({ a: LAMBDA, b: 'node_type: filter, where: "score > 1"' })).diagnostics, []);
  });
});

describe('a human_review node', () => {
  it('parks records: it stands in the walk table, with what can still be reached', () => {
    const { nodes, walk } = compilePlan(chain({ a: LAMBDA, check: 'node_type: human_review, show: text, edit: [question], on_reject: filter', b: LAMBDA }));
    assert.deepEqual(nodes[1], {
      kind: 'human_review', name: 'check', route: { always: [2], conditions: [] }, writes: ['question', 'review'],
      show: ['text', 'question'], edit: ['question'], instructions: null, onReject: 'filter', decisionKey: 'review',
    });
    assert.deepEqual(walk.parking, [1]);
    assert.deepEqual(walk.reach, [[1, 2], [2], []]);
  });

  it('keeps the decision apart from what is edited', () => {
    assert.match(faults('node_type: human_review, edit: review')[0]![1], /cannot be edited/);
  });
});

describe('a lambda with rows', () => {
  it('compiles', () => {
    const plan = nodePlan(`${LAMBDA}, rows: true`);
    assert.equal(plan.kind === 'lambda' && plan.rows, true);
  });
});

describe('nodes that take a record away as a whole', () => {
  const beside = (node: string): string => `${SOURCE}graph_config:
  nodes:
    a: {node_type: lambda, lambda: "./functions.ts#change", output_keys: x}
    b: {${node}}
    join: {node_type: lambda, lambda: "./functions.ts#change", output_keys: y}
  edges:
    - {from: START, to: [a, b]}
    - {from: [a], to: join}
    - {from: b, to: join}
    - {from: join, to: END}
`.replace('[a], to', 'a, to');

  for (const node of ['node_type: fan_out, items: text', 'node_type: human_review', `${LAMBDA}, output_keys: z, rows: true`]) {
    it(`${node.slice(11, 30)} … is refused beside another branch`, () => {
      const { diagnostics } = compileText(beside(node));
      assert.deepEqual(diagnostics.map(({ code }) => code), ['NOT_ALONE']);
      assert.match(diagnostics[0]!.message, /"b" .* another branch of the same record is at "a"/);
    });
  }

  it('is refused where another branch waits for it', () => {
    const text = beside('node_type: fan_out, items: text').replace('{from: START, to: [a, b]}', '{from: START, to: [a, join]}').replace('{from: a, to: join}', '{from: a, to: b}');
    assert.match(compileText(text).diagnostics[0]!.message, /is at "join"/);
  });

  it('is taken after branches have met, and a filter anywhere', () => {
    assert.deepEqual(compileText(beside(LAMBDA + ', output_keys: z').replace('join: {', 'join: {rows: true, ')).diagnostics, []);
    assert.deepEqual(compileText(beside('node_type: filter, where: exists text')).diagnostics, []);
  });
});

describe('a target', () => {
  const withTarget = (target: string, node = LAMBDA): string => chain({ node }, `target: {${target}}\n`);

  it('compiles, with ten candidates for each record', () => {
    assert.deepEqual(compilePlan(withTarget('records: 50, where: "score >= 4"')).target, {
      records: 50, where: { kind: 'compare', path: ['score'], operator: '>=', value: 4 }, maxCandidates: 500,
    });
    assert.deepEqual(compilePlan(withTarget('records: 5, max_candidates: 7')).target, { records: 5, where: { kind: 'and', parts: [] }, maxCandidates: 7 });
    assert.equal(compilePlan(chain({ node: LAMBDA })).target, null);
  });

  for (const [target, node, code, message] of [
    ['records: 0', LAMBDA, 'WRONG_VALUE', /"records" is 0/],
    ['records: 5, max_candidates: 4', LAMBDA, 'WRONG_VALUE', /cannot make 5 records/],
    ['records: 5, where: "score >"', LAMBDA, 'BAD_CONDITION', /value is wanted/],
    ['records: 5, where: "scroe > 1"', `${LAMBDA}, output_keys: score`, 'UNKNOWN_VARIABLE', /Nothing provides "scroe" to "target"/],
    ['records: 5', 'node_type: rank, by: id, scope: run', 'NOT_SUPPORTED_YET', /cannot be combined with "node", which has scope: run/],
  ] as const) {
    it(`is refused or warned of: ${target}`, () => {
      const { diagnostics } = compileText(withTarget(target, node));
      assert.deepEqual(diagnostics.map((diagnostic) => diagnostic.code), [code]);
      assert.match(diagnostics[0]!.message, message);
    });
  }
});
