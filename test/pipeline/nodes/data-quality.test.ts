import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QualityTaggingPlan } from '../../../pipeline/plan.ts';
import { compileText } from '../compile-text.ts';

const graph = `
graph_config:
  nodes: { talk: { node_type: weighted_sampler, attributes: { tone: { values: [warm, dry] } } } }
  edges: [{ from: START, to: talk }, { from: talk, to: END }]
`;
const withTasks = (tasks: string): string => `${graph}output_config:\n  data_quality: { tasks: ${tasks} }\n`;

function planned(tasks: string): Omit<QualityTaggingPlan, 'rules'> & { on: Record<string, unknown> } {
  const { plan, diagnostics } = compileText(withTasks(tasks));
  assert.ok(plan?.quality, diagnostics.map(({ message }) => message).join('\n'));
  const { rules, ...more } = plan.quality;
  return { on: Object.fromEntries(Object.entries(rules).filter(([, settings]) => settings !== false)), ...more };
}

const faults = (tasks: string): string => compileText(withTasks(tasks)).diagnostics.map(({ severity, code, message, hint }) => `${severity} ${code}: ${message} ${hint ?? ''}`).join('\n');

test('only the rules that data_quality names are on, under the paper\'s name as under ours', () => {
  const { on } = planned('[{ name: language_detection, params: { languages: [de] } }, { name: pii }]');
  assert.deepEqual(on, { language_tagging: { languages: ['de'] }, pii: true });
});

test("SyGra's ppl_score scores perplexity and IFD, in the worker or at the server of its model_config", () => {
  assert.deepEqual(planned('[{ name: ppl_score }]').on, { ppl_score: true, ifd_score: true });
  assert.deepEqual(planned('[{ name: ppl_score, params: { max: 300, ifd: false, model: gpt2 } }]').on, { ppl_score: { max: 300, model: 'gpt2' } });
  const { on, models } = planned('[{ name: ppl_score, params: { model_config: { model_type: vllm, url: "http://localhost:8000", model_serving_name: qwen, auth_token: $QWEN, max_retries: 2 }, model_max_len: 4000 } }]');
  assert.deepEqual(on, { ppl_score: { model: { name: 'qwen' }, max_tokens: 4000 }, ifd_score: { model: { name: 'qwen' } } });
  assert.deepEqual(models, { qwen: { model_type: 'vllm', url: 'http://localhost:8000', model_serving_name: 'qwen', auth_token: '$QWEN', max_retries: 2 } });
});

test('reward_score takes the model under its name in SyGra, and llm_based_quality says who judges', () => {
  assert.deepEqual(planned('[{ name: reward_score, params: { model_name: ./reward, max_length: 512, batch_size: 4 } }]').on, { reward_score: { model: './reward', max_tokens: 512 } });
  const { on, judge, models } = planned('[{ name: metadata_tagging }, { name: llm_based_quality, params: { model: my-judge } }]');
  assert.deepEqual([on, judge, models], [{ metadata_tagging: true }, 'my-judge', { 'my-judge': { model_type: 'openai' } }]);
  assert.deepEqual([planned('[{ name: llm_based_quality }]').judge, planned('[{ name: llm_based_quality }]').on], ['gpt-4o', { metadata_tagging: true }]);
});

test('tokens are counted by the tokenizer that SyGra names for either of its tasks', () => {
  const tokenizer = 'Qwen/Qwen2.5-32B-Instruct';
  assert.deepEqual(planned(`[{ name: conversation_pretokenization, params: { hf_chat_template_model_id: ${tokenizer} } }]`).on, { conversation_pretokenization: { tokenizer } });
  assert.deepEqual(planned(`[{ name: data_characteristics, params: { model: ${tokenizer} } }]`).on, { conversation_pretokenization: { tokenizer }, data_characteristics: true });
});

test('params that cannot be are told before the run', () => {
  assert.match(faults('[{ name: lexical_diversity, params: { min_ttr: 3 } }]'), /error WRONG_VALUE/);
  assert.match(faults('[{ name: pii, params: { kind: [email] } }]'), /error UNKNOWN_KEY.*kinds/);
  assert.match(faults('[{ name: metadata_tagging, params: { depth: 3 } }]'), /error UNKNOWN_KEY/);
  assert.match(faults('[{ name: ppl_score, params: { model_config: { model_type: vllm } } }]'), /error MISSING_KEY: "url" is missing/);
  assert.match(faults('[{ name: ppl_score, params: { model_config: { model_type: vllm, url: "http://localhost", auth_token: sk-1234 } } }]'), /error SECRET_IN_FILE/);
  assert.match(faults('[{ name: reward_score }]'), /error MISSING_KEY: reward_score names no model/);
  assert.match(faults('[{ name: language_tagging, params: { num_threads: 8 } }]'), /^warning .*num_threads/);
});
