import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText } from '../compile-text.ts';

const graph = `
graph_config:
  nodes: { talk: { node_type: weighted_sampler, attributes: { tone: { values: [warm, dry] } } } }
  edges: [{ from: START, to: talk }, { from: talk, to: END }]
`;
const withTasks = (tasks: string): string => `${graph}output_config:\n  data_quality: { tasks: ${tasks} }\n`;

test('only the rules that data_quality names are on, under the paper\'s name as under ours', () => {
  const { plan } = compileText(withTasks('[{ name: language_detection, params: { languages: [de] } }, { name: pii }]'));
  const on = Object.entries(plan?.quality?.rules ?? {}).filter(([, settings]) => settings !== false);
  assert.deepEqual(on, [['language_tagging', { languages: ['de'] }], ['pii', true]]);
});
