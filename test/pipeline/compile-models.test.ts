import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LlmNodePlan, Plan } from '../../pipeline/plan.ts';
import { compilePlan, compileText, SOURCE, summaries } from './compile-text.ts';

const pipeline = (model: string): string => `${SOURCE}graph_config:
  nodes:
    ask:
      node_type: llm
      model: ${model}
      prompt: [{user: "{text}"}]
  edges: [{from: START, to: ask}, {from: ask, to: END}]
`;
const node = (plan: Plan): LlmNodePlan => plan.nodes[0] as LlmNodePlan;

const MODELS = `
gpt-4o:
  model_type: azure
  model: gpt-4o-2024
  api_version: 2024-02-15-preview
  parameters: {max_tokens: 500, temperature: 1.0}
served:
  model_type: vllm
  model_serving_name: big
  hf_chat_template_model_id: org/big
  url: [http://a/v1, http://b/v1]
  auth_token: \${BIG_KEY}
  load_balancing: round_robin
  max_concurrency: 8
  requests_per_minute: 60
  tokens_per_minute: 1000
  timeout: 30
  retry_attempts: 3
  ssl_verify: false
  stop: ["</s>"]
  headers: {X-Team: data}
  price: {input: 2.5, output: 10}
other: {model_type: bedrock, aws_access_key_id: abc}
`;

describe('models', () => {
  it('are of type openai under their own name where there is no models.yaml', () => {
    const plan = compilePlan(pipeline('{name: gpt-4o, parameters: {temperature: 0.5}}'));
    assert.deepEqual(plan.models, {
      'gpt-4o': {
        name: 'gpt-4o',
        type: 'openai',
        modelId: 'gpt-4o',
        url: null,
        tokenVariable: null,
        apiVersion: null,
        loadBalancing: 'least_requests',
        maxConcurrency: null,
        requestsPerMinute: null,
        tokensPerMinute: null,
        timeoutSeconds: 120,
        maxAttempts: 6,
        verifyTls: true,
        headers: {},
        price: null,
      },
    });
    assert.deepEqual([node(plan).model, node(plan).parameters], ['gpt-4o', { temperature: 0.5 }]);
  });

  it('take their settings from models.yaml, and parameters of the node win', () => {
    const azure = compilePlan(pipeline('{name: gpt-4o, parameters: {temperature: 0}}'), { models: MODELS });
    assert.deepEqual(node(azure).parameters, { max_tokens: 500, temperature: 0 });
    const { type, modelId, apiVersion } = azure.models['gpt-4o']!;
    assert.deepEqual([type, modelId, apiVersion], ['azure_openai', 'gpt-4o-2024', '2024-02-15-preview']);
    const served = compilePlan(pipeline('served'), { models: MODELS });
    assert.deepEqual(node(served).parameters, { stop: ['</s>'] });
    assert.deepEqual(served.models['served'], {
      name: 'served',
      type: 'vllm',
      modelId: 'big',
      url: 'http://a/v1|http://b/v1',
      tokenVariable: 'BIG_KEY',
      apiVersion: null,
      loadBalancing: 'round_robin',
      maxConcurrency: 8,
      requestsPerMinute: 60,
      tokensPerMinute: 1000,
      timeoutSeconds: 30,
      maxAttempts: 3,
      verifyTls: false,
      headers: { 'X-Team': 'data' },
      price: { input: 2.5, output: 10 },
    });
  });

  it("are the node's own where it changes more than parameters", () => {
    const plan = compilePlan(pipeline('{name: served, timeout: 5}'), { models: MODELS });
    assert.equal(node(plan).model, 'served@ask');
    assert.deepEqual(
      [plan.models['served@ask']?.timeoutSeconds, plan.models['served@ask']?.name, plan.models['served@ask']?.modelId],
      [5, 'served', 'big'],
    );
  });

  it('are refused where models.yaml lacks them, with those that it has', () => {
    const [diagnostic] = compileText(pipeline('{name: gpt-40}'), { models: MODELS }).diagnostics;
    assert.deepEqual(
      [diagnostic?.code, diagnostic?.line, diagnostic?.column, diagnostic?.hint],
      ['UNKNOWN_MODEL', 7, 21, 'Did you mean "gpt-4o"?'],
    );
    assert.deepEqual(diagnostic?.allowed, ['gpt-4o', 'served', 'other']);
  });

  it('of types that come later are refused only where a node uses them', () => {
    const { diagnostics } = compileText(pipeline('other'), { models: MODELS });
    assert.deepEqual(
      diagnostics.map(({ file, code }) => [file, code]),
      [
        ['models.yaml', 'NOT_SUPPORTED_YET'],
        ['models.yaml', 'UNKNOWN_KEY'],
      ],
    );
    assert.match(diagnostics[0]!.message, /"bedrock" is not supported yet/);
  });

  it('are refused with keys in the file, which no message repeats', () => {
    const models = `gpt:
  model_type: openai
  url: https://user:hunter2@host/v1
  auth_token: sk-hunter2
  headers: {Authorization: Bearer hunter2}
`;
    const { diagnostics, plan } = compileText(pipeline('gpt'), { models });
    assert.equal(plan, null);
    assert.deepEqual(summaries(diagnostics), ['SECRET_IN_FILE 3:8', 'SECRET_IN_FILE 4:15', 'SECRET_IN_FILE 5:28']);
    assert.ok(!JSON.stringify(diagnostics).includes('hunter2'));
  });

  it('are refused with the position in models.yaml where that is broken', () => {
    for (const [models, place] of [
      ['gpt: {model_type: opnai}', 'WRONG_VALUE 1:19'],
      ['gpt: [', 'YAML_SYNTAX 1:6'],
      ['- gpt', 'WRONG_TYPE 1:1'],
      ['gpt: {model_type: openai, timeot: 3}', 'UNKNOWN_KEY 1:27'],
    ] as const) {
      const { diagnostics } = compileText(pipeline('gpt'), { models });
      assert.deepEqual(
        diagnostics.map(({ file, code, line, column }) => `${file} ${code} ${line}:${column}`),
        [`models.yaml ${place}`],
      );
    }
  });
});
