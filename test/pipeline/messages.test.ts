import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compileText, SOURCE } from './compile-text.ts';

function faults(node: string, top = ''): string[] {
  const text = `${SOURCE}graph_config:\n  nodes:\n    a: {${node}}\n  edges:\n    - {from: START, to: a}\n    - {from: a, to: END}\n${top}`;
  return compileText(text).diagnostics.map(({ code, message, allowed }) => `${code}: ${message}${allowed?.includes('undefined') === true ? ' (undefined)' : ''}`);
}

it('allowed values are only such as can be written', () => {
  const found = faults('node_type: weighted_sampler, attributes: {x: {sampler: gausian, mean: 1}}');
  assert.deepEqual(found, ['WRONG_VALUE: "sampler" cannot be "gausian"']);
});

it('an item of a list is named by its place', () => {
  const found = faults('node_type: weighted_sampler, attributes: {x: {sampler: person, fields: [city, firstname]}}');
  assert.deepEqual(found, ['WRONG_VALUE: Item 2 of "fields" cannot be "firstname"']);
});

it('a fault inside a form that is meant is reported, and nothing that follows from it', () => {
  assert.deepEqual(faults('node_type: filter, where: 3'), ['WRONG_TYPE: "where": expected a text, got 3']);
  assert.deepEqual(faults('node_type: aggregate, functions: {x: {function: avg, field: text}}'), ['WRONG_VALUE: "function" cannot be "avg"']);
});

it('two sinks cannot write to one file', () => {
  const text = `data_config:
  source: {type: disk, file_path: in.jsonl}
  sink: [{type: csv, file_path: x.csv}, {type: csv, file_path: ./x.csv}]
graph_config:
  nodes:
    a: {node_type: weighted_sampler, attributes: {x: {values: [1]}}}
  edges:
    - {from: START, to: a}
    - {from: a, to: END}
`;
  assert.deepEqual(compileText(text).diagnostics.map(({ message, line }) => [message, line]), [['Two sinks write to "./x.csv"', 3]]);
});

it('an output key that the structured output has no field for is told', () => {
  const llm = 'node_type: llm, model: m, prompt: [{user: "{text}"}], structured_output: {schema: {fields: {score: {type: int}}}}';
  assert.deepEqual(faults(`${llm}, output_keys: [score, scor]`), ['UNKNOWN_VARIABLE: The structured output has no field "scor", so this key will be null in every record']);
  assert.deepEqual(faults(`${llm}, output_keys: answer`), []);
});
