import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Plan, SetNodePlan } from '../../pipeline/plan.ts';
import { compilePlan, compileText, SOURCE } from './compile-text.ts';

function chain(nodes: Record<string, string>, top = ''): string {
  const names = Object.keys(nodes);
  const lines = Object.entries(nodes).map(([name, settings]) => `    ${name}: {${settings}}`);
  const edges = [...names, 'END'].map((name, index) => `    - {from: ${names[index - 1] ?? 'START'}, to: ${name}}`);
  return `${SOURCE}graph_config:\n  nodes:\n${lines.join('\n')}\n  edges:\n${edges.join('\n')}\n${top}`;
}

function setPlan(settings: string): SetNodePlan {
  const node = compilePlan(chain({ node: settings })).nodes[0];
  assert.ok(node?.kind === 'set');
  return node;
}

function faults(text: string): string[] {
  return compileText(text).diagnostics.map(({ code, line, message }) => `${code} ${line}: ${message}`);
}

describe('a deduplicate node', () => {
  it('compares shingles of words over the run unless it says otherwise', () => {
    assert.deepEqual(setPlan('node_type: deduplicate, field: text'), {
      kind: 'set', name: 'node', route: { always: [-1], conditions: [] }, scope: 'run', writes: [],
      operation: { kind: 'deduplicate_minhash', field: 'text', threshold: 0.8, shingle: 3, unit: 'word', permutations: 128, keep: 'first', report: null },
    });
  });

  it('compares embeddings where it names a model', () => {
    const { operation } = setPlan('node_type: deduplicate, field: text, model: embedder, threshold: 0.95, mode: all_pairs, keep: last');
    assert.deepEqual(operation, { kind: 'deduplicate_embedding', field: 'text', threshold: 0.95, model: 'embedder', mode: 'all_pairs', keep: 'last', report: null });
  });

  it('refuses an embedding model that has others in its place, but not one that is asked alone', () => {
    const models = 'embedder: {model_type: openai, fallbacks: [spare]}\nspare: {model_type: openai}\n';
    const found = (model: string): string[] => compileText(chain({ node: `node_type: deduplicate, field: text, model: ${model}` }), { models }).diagnostics.map(({ code, line, message, hint }) => `${code} ${line}: ${message}. ${hint}`);
    assert.match(found('embedder').join(), /^WRONG_VALUE \d+: The model "embedder" has fallbacks, and embeddings and scores of two models cannot be compared\. .*fallbacks: null/);
    assert.match(found('{name: spare, fallbacks: [embedder]}').join(), /^WRONG_VALUE .*"spare" has fallbacks.*Remove them\./);
    assert.deepEqual(found('{name: embedder, fallbacks: null}'), []);
    assert.deepEqual(Object.keys(compileText(chain({ node: 'node_type: deduplicate, field: text, model: {name: embedder, fallbacks: null}' }), { models }).plan?.models ?? {}), ['embedder']);
  });

  it('writes a report where it is told to', () => {
    const { operation } = setPlan('node_type: deduplicate, field: text, method: exact, report: {file: pairs.json, form: document, max_pairs: 5, id_field: id}');
    assert.deepEqual('report' in operation && operation.report, {
      file: 'pairs.json', form: 'document', maxPairs: 5, idField: 'id', settings: { field: 'text', method: 'exact', keep: 'first' },
    });
  });

  it('refuses keys that have no effect, a missing model, and a report of every batch', () => {
    assert.match(faults(chain({ node: 'node_type: deduplicate, field: text, method: exact, threshold: 0.5' })).join(), /"threshold" has no effect with method: exact/);
    assert.match(faults(chain({ node: 'node_type: deduplicate, field: text, method: embedding' })).join(), /MISSING_KEY .* a model is needed/);
    assert.match(faults(chain({ node: 'node_type: deduplicate, field: text, scope: batch, report: a.jsonl' })).join(), /runs once a batch/);
    assert.match(faults(chain({ node: 'node_type: deduplicate, field: texts' })).join(), /Nothing provides "texts"/);
  });
});

describe('other nodes over a set', () => {
  it('compile with their defaults', () => {
    assert.deepEqual(setPlan('node_type: rank, by: text').operation, { kind: 'rank', by: 'text', order: 'descending', group: null, top: null, rankKey: 'rank' });
    assert.deepEqual(setPlan('node_type: select_diverse, field: text, count: 3, scope: batch').operation, { kind: 'select_diverse', field: 'text', count: 3, model: null });
    assert.deepEqual(setPlan('node_type: aggregate, group_by: question, functions: {all: count, longest: {function: max, field: text}}').operation, {
      kind: 'aggregate', group: 'question', into: 'aggregate',
      functions: [{ name: 'all', function: 'count', field: null }, { name: 'longest', function: 'max', field: 'text' }],
    });
  });

  it('take a function, under either spelling', () => {
    const own = setPlan('node_type: set_function, function: "./functions.ts#change", fields: text, output_keys: score, limit: 3');
    assert.deepEqual(own.writes, ['score']);
    assert.ok(own.operation.kind === 'function');
    assert.deepEqual([own.operation.function, own.operation.fields, own.operation.config['limit']], ['functions.ts#change', ['text'], 3]);
    const lambda = setPlan('node_type: lambda, lambda: "./functions.ts#change", scope: batch');
    assert.deepEqual([lambda.scope, lambda.operation.kind], ['batch', 'function']);
    assert.equal(compilePlan(chain({ node: 'node_type: lambda, lambda: "./functions.ts#change"' })).nodes[0]?.kind, 'lambda');
  });

  it('name what a figure lacks', () => {
    assert.match(faults(chain({ node: 'node_type: aggregate, functions: {mean: {function: mean}}' })).join(), /says no field/);
    assert.match(faults(chain({ node: 'node_type: aggregate, functions: {}' })).join(), /computes nothing/);
  });

  it('park the records of a run, gather those of a batch, and are not run beside another branch', () => {
    const text = chain({ one: 'node_type: rank, by: text, scope: batch', two: 'node_type: deduplicate, field: text' });
    const { walk } = compilePlan(text);
    assert.deepEqual([walk.gathering, walk.parking, walk.reach], [[0], [1], [[1], []]]);
    const beside = `${SOURCE}graph_config:
  nodes:
    one: {node_type: deduplicate, field: text}
    two: {node_type: lambda, lambda: "./functions.ts#change"}
  edges: [{from: START, to: [one, two]}, {from: one, to: END}, {from: two, to: END}]
`;
    assert.match(faults(beside).join(), /NOT_ALONE .*waits? for all others of the run/);
  });
});

describe('graph_post_process', () => {
  const PROCESSOR = 'sygra.core.graph.graph_postprocessor.SemanticDedupPostProcessor';
  const top = (params: string): string => `graph_post_process:\n  - processor: ${PROCESSOR}\n    params: {${params}}\noutput_config:\n  output_map: {answer: {from: text}, id: {from: id}}\n`;
  const dedup = (plan: Plan): SetNodePlan => plan.nodes.at(-1) as SetNodePlan;

  it('becomes a node before END over the state key of the output field', () => {
    const plan = compilePlan(chain({ work: 'node_type: lambda, lambda: "./functions.ts#change"' }, top('field: answer, similarity_threshold: 0.92, dedup_mode: all_pairs, id_field: id, max_pairs_in_report: 1000')));
    assert.deepEqual(plan.walk.nodes, ['work', 'semantic_dedup']);
    assert.deepEqual([plan.walk.parking, plan.nodes[0]?.route.always, dedup(plan).route.always], [[1], [1], [-1]]);
    const { scope, operation } = dedup(plan);
    assert.ok(operation.kind === 'deduplicate_embedding');
    const { report, ...rest } = operation;
    assert.deepEqual([scope, rest], ['run', { kind: 'deduplicate_embedding', field: 'text', threshold: 0.92, model: 'all-MiniLM-L6-v2', mode: 'all_pairs', keep: 'first' }]);
    assert.deepEqual([report?.file, report?.form, report?.maxPairs, report?.idField], [null, 'document', 1000, 'id']);
  });

  it('joins branches and leads every answer of a condition to it', () => {
    const text = `${SOURCE}graph_config:
  nodes:
    one: {node_type: lambda, lambda: "./functions.ts#change", output_keys: a}
    two: {node_type: lambda, lambda: "./functions.ts#change", output_keys: b}
  edges:
    - {from: START, to: [one, two]}
    - {from: one, condition: "./functions.ts#route", path_map: {x: END, y: two}}
    - {from: two, to: END}
graph_post_process: ${PROCESSOR}
`;
    const plan = compilePlan(text, { columns: null });
    assert.deepEqual(plan.nodes[0]?.route.conditions[0]?.paths, { x: [2], y: [1] });
    assert.deepEqual(plan.nodes[1]?.route.always, [2]);
  });

  it('is simulated with a warning where models.yaml has no such model, asks it where it has, and runs the packaged one itself', () => {
    const work = { work: 'node_type: lambda, lambda: "./functions.ts#change"' };
    const text = chain(work, top('field: answer, embedding_model: paraphrase-MiniLM-L3-v2'));
    const simulated = compileText(text, { models: 'other: {model_type: openai}\n' });
    assert.deepEqual(simulated.diagnostics.map(({ code, severity }) => [code, severity]), [['UNKNOWN_MODEL', 'warning']]);
    assert.equal(simulated.plan?.models['paraphrase-MiniLM-L3-v2']?.type, 'simulated');
    const real = compileText(text, { models: 'paraphrase-MiniLM-L3-v2: {model_type: vllm, url: "http://127.0.0.1:9"}\n' });
    assert.deepEqual([real.diagnostics, real.plan?.models['paraphrase-MiniLM-L3-v2']?.type], [[], 'vllm']);
    const local = compileText(chain(work, top('field: answer')), { models: 'other: {model_type: openai}\n' });
    assert.deepEqual([local.diagnostics, local.plan?.models['all-MiniLM-L6-v2']?.type], [[], 'local']);
  });

  it('names a field that the output lacks, wrong parameters, and processors that are not ours', () => {
    const work = { work: 'node_type: lambda, lambda: "./functions.ts#change"' };
    assert.match(faults(chain(work, top('field: answers'))).join(), /UNKNOWN_VARIABLE 11: The output has no field "answers"/);
    assert.match(faults(chain(work, top('field: answer, keep: best'))).join(), /WRONG_VALUE 11/);
    assert.match(faults(chain(work, 'graph_post_process: [sygra.core.other.Stats]\n')).join(), /NOT_SUPPORTED_YET \d+: .*"sygra.core.other.Stats"/);
    assert.match(faults(chain(work, 'graph_post_process: tasks.demo.functions.Condition\n')).join(), /WRONG_EXPORT \d+: .*has no method process/);
  });

  it('takes processors of the task itself, in order', () => {
    const own = 'graph_post_process:\n  - tasks.demo.functions.change\n  - {processor: "./functions.ts#change", params: {limit: 2}, use_previous_output: true}\n';
    const plan = compilePlan(chain({ work: 'node_type: lambda, lambda: "./functions.ts#change"' }, own));
    assert.deepEqual(plan.postProcess, [
      { function: 'functions.ts#change', params: {}, usePrevious: false },
      { function: 'functions.ts#change', params: { limit: 2 }, usePrevious: true },
    ]);
    assert.deepEqual(plan.walk.nodes, ['work']);
  });
});
