import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LlmNodePlan, MultiLlmNodePlan, NodePlan } from '../../pipeline/plan.ts';
import { compilePlan, compileText, SOURCE } from './compile-text.ts';

const MODELS = 'writer: {model_type: openai, post_process: remove_thinking, parameters: {n: 2, temperature: 1}}\nother: {model_type: openai}\n';

const pipeline = (settings: string, properties = ''): string => `${SOURCE}graph_config:
${properties}  nodes:
    ask:
      prompt: [{user: "{text}"}]
${settings.replaceAll(/^/gm, '      ')}
  edges: [{from: START, to: ask}, {from: ask, to: END}]
`;

const nodeOf = (settings: string, properties?: string): NodePlan | undefined => compilePlan(pipeline(settings, properties), { models: MODELS }).nodes[0];
const llm = (settings: string, properties?: string): LlmNodePlan => nodeOf(`node_type: llm\n${settings}`, properties) as LlmNodePlan;
const multi = (settings: string): MultiLlmNodePlan => nodeOf(`node_type: multi_llm\n${settings}`) as MultiLlmNodePlan;
/** Code of each fault, with what stands at its place in the file. */
const faults = (settings: string): string[] => {
  const text = pipeline(settings);
  return compileText(text, { models: MODELS }).diagnostics.map(({ code, line, column }) => `${code} ${text.split('\n')[line - 1]?.slice(column - 1, column + 9) ?? ''}`);
};

describe('structured output', () => {
  it('compiles a list of fields to a JSON schema in the order of the file', () => {
    const { structuredOutput } = llm(`model: other
structured_output:
  schema:
    name: Judge it
    fields:
      why: {type: str, description: In one sentence}
      score: {type: int}
      tags: {type: "list[str]", default: []}
      more: {type: dict, default: {}}`);
    assert.ok(structuredOutput?.schema.kind === 'json_schema');
    const { schema, ...rest } = structuredOutput;
    assert.deepEqual(rest, { name: 'Judge_it', strategy: 'native', instruct: true, repairs: 2 });
    assert.deepEqual(schema.defaults, { tags: [], more: {} });
    assert.equal(
      schema.schema,
      '{"type":"object","properties":{"why":{"type":"string","description":"In one sentence"},"score":{"type":"integer"},"tags":{"type":"array","items":{"type":"string"}},"more":{"type":"object"}},"required":["why","score"],"additionalProperties":false}',
    );
  });

  it('takes a schema of the task, one that SyGra brings along, and JSON schema', () => {
    const schemaOf = (value: string): unknown => llm(`model: other\nstructured_output: {${value}}`).structuredOutput?.schema;
    assert.deepEqual(schemaOf('schema: ./functions.ts#Row'), { kind: 'function', function: 'functions.ts#Row' });
    assert.match(JSON.stringify(schemaOf('schema: sygra.core.models.structured_output.schemas_factory.SimpleResponse')), /message.*success/);
    assert.deepEqual(schemaOf('json_schema: {type: object, properties: {a: {type: string}}}'), {
      kind: 'json_schema', schema: '{"type":"object","properties":{"a":{"type":"string"}}}', defaults: null,
    });
  });

  it('honours enabled, the fallback and the retries', () => {
    const fields = 'schema: {fields: {a: {type: str}}}';
    assert.equal(llm(`model: other\nstructured_output: {enabled: false, ${fields}}`).structuredOutput, null);
    assert.equal(llm(`model: {name: other, structured_output: {${fields}, retry_on_parse_error: false}}`).structuredOutput?.repairs, 0);
    const { instruct, repairs, strategy } = llm(`model: other\nstructured_output: {${fields}, fallback_strategy: post_process, max_parse_retries: 5, strategy: prompt}`).structuredOutput ?? {};
    assert.deepEqual([instruct, repairs, strategy], [false, 5, 'prompt']);
  });

  it('is reported where it is wrong', () => {
    const at = (value: string): string[] => faults(`node_type: llm\nmodel: other\nstructured_output: ${value}`);
    assert.deepEqual(at('{enabled: true}'), ['MISSING_KEY structured']);
    assert.deepEqual(at('{schema: {fields: {a: {type: strr}}}}'), ['BAD_SCHEMA strr}}}}']);
    assert.deepEqual(at('{schema: {fields: {a: {type: int, default: x}}}}'), ['BAD_SCHEMA x}}}}']);
    assert.deepEqual(at('{schema: {fields: {}}}'), ['WRONG_TYPE {}}}']);
    assert.deepEqual(at('{schema: sygra.core.models.structured_output.schemas_factory.Simple}'), ['MISSING_EXPORT sygra.core']);
    assert.deepEqual(at('{schema: ./functions.ts#change}'), ['WRONG_EXPORT ./function']);
    assert.deepEqual(at('{json_schema: {type: array}}'), ['BAD_SCHEMA array}}']);
    assert.deepEqual(at('{json_schema: {type: object, properties: {a: {$ref: "#/nowhere"}}}}'), ['BAD_SCHEMA {type: obj']);
    assert.deepEqual(at('{schemas: x, enabled: false}'), ['UNKNOWN_KEY schemas: x']);
  });
});

describe('llm nodes', () => {
  it('take n of the parameters as samples, and post_process of the model', () => {
    const { samples, parameters, answerProcess } = llm('model: writer');
    assert.deepEqual({ samples, parameters, answerProcess }, { samples: { count: 2, as: 'list' }, parameters: { temperature: 1 }, answerProcess: { kind: 'remove_thinking' } });
    assert.deepEqual(llm('model: other\nsamples: 4\nsamples_as: rows').samples, { count: 4, as: 'rows' });
    assert.deepEqual(llm('model: {name: other, post_process: "./functions.ts#change"}').answerProcess, { kind: 'function', function: 'functions.ts#change' });
    assert.deepEqual(faults('node_type: llm\nmodel: writer\nsamples: 3'), ['WRONG_VALUE 3']);
    assert.deepEqual(faults('node_type: llm\nmodel: other\nn: 3\nchat_history: true'), ['WRONG_VALUE 3']);
  });

  it('take the deprecated spellings with a warning that names the new ones', () => {
    const { diagnostics, plan } = compileText(pipeline('node_type: llm\nmodel: other\noutput_vars: answer\ntemperature: 0.5\nmax_tokens: 9'), { models: MODELS });
    assert.deepEqual(diagnostics.map(({ code, severity, hint }) => [code, severity, hint]), [
      ['DEPRECATED_KEY', 'warning', 'Write output_keys.'],
      ['DEPRECATED_KEY', 'warning', 'Write it under model.parameters.'],
      ['DEPRECATED_KEY', 'warning', 'Write it under model.parameters.'],
    ]);
    const [node] = plan?.nodes ?? [];
    assert.ok(node?.kind === 'llm');
    assert.deepEqual([node.outputKeys, node.parameters], [['answer'], { temperature: 0.5, max_tokens: 9 }]);
  });

  it('declare what they write beside their output keys', () => {
    assert.deepEqual(llm('model: other\noutput_keys: answer\nreasoning_key: why\nchat_history: true').writes, ['answer', '__chat_history__', 'why']);
  });

  it('take the chat history as the properties of the graph say', () => {
    assert.equal(llm('model: other').chat, null);
    assert.deepEqual(llm('model: other\nchat_history: true').chat, { history: true, conversation: null, window: 5 });
    const properties = '  graph_properties: {chat_conversation: singleturn, chat_history_window_size: 3}\n';
    assert.deepEqual(llm('model: other\nchat_history: true', properties).chat, { history: true, conversation: 'singleturn', window: 3 });
  });
});

describe('multi_llm nodes', () => {
  it('ask each model with its own parameters and structured output', () => {
    const { models, require, mode } = multi('models: {a: {name: other, parameters: {top_p: 1}}, b: {name: other, structured_output: {schema: {fields: {x: {type: str}}}}}}\ntemperature: 0.1');
    assert.deepEqual(models.map(({ label, model, parameters, structuredOutput }) => [label, model, parameters, structuredOutput === null]), [
      ['a', 'other', { top_p: 1, temperature: 0.1 }, true],
      ['b', 'other', { temperature: 0.1 }, false],
    ]);
    assert.deepEqual([require, mode], [2, 'all']);
  });

  it('say how many answers are enough', () => {
    assert.equal(multi('models: {a: other, b: other, c: other}\nrequire: any').require, 1);
    assert.equal(multi('models: {a: other, b: other, c: other}\nrequire: 2').require, 2);
    assert.equal(multi('models: {a: other, b: other}\nmode: balance').require, 1);
    assert.deepEqual(faults('node_type: multi_llm\nmodels: {a: other}\nrequire: 2'), ['WRONG_VALUE 2']);
    assert.deepEqual(faults('node_type: multi_llm\nmodels: {}'), ['WRONG_TYPE {}']);
    assert.deepEqual(faults('node_type: multi_llm\nmodels: {a: writer}'), ['WRONG_VALUE writer}']);
  });
});
