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

/** What a plan has where models.yaml does not say. */
const PLAIN = {
  delaySeconds: 0,
  certificateFile: null,
  secretHeaders: {},
  specialTokens: [],
  completions: null,
  outputType: 'text',
  media: {},
  provider: { region: null, project: null, variables: {}, payload: null, payloadKey: null, responsePath: null },
};

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
other: {model_type: claude_proxy, client_type: http}
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
        ...PLAIN,
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
      ...PLAIN,
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
        ['models.yaml', 'IGNORED_KEY'],
      ],
    );
    assert.match(diagnostics[0]!.message, /"claude_proxy" is not supported yet/);
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

  it('take parameters beside their name, as SyGra\'s tasks write them, with a warning that says where they belong', () => {
    const { plan, diagnostics } = compileText(pipeline('{provider: openai, name: gpt-4o-mini, temperature: 0.1, max_tokens: 20}'));
    assert.deepEqual(node(plan!).parameters, { temperature: 0.1, max_tokens: 20 });
    assert.equal(node(plan!).model, 'gpt-4o-mini');
    assert.deepEqual(diagnostics.map(({ code, severity, hint }) => [code, severity, hint]), [
      ['DEPRECATED_KEY', 'warning', 'Write parameters: {temperature: …}.'],
      ['DEPRECATED_KEY', 'warning', 'Write parameters: {max_tokens: …}.'],
    ]);
  });

  it('are of the type that a provider means where there is no models.yaml', () => {
    const plan = compilePlan(pipeline('{provider: anthropic, name: claude}'));
    assert.equal(plan.models['claude@ask']?.type, 'anthropic');
  });

  it('take every setting of completions, media and providers', () => {
    const models = `
gpt:
  model_type: vllm
  completions_api: true
  hf_chat_template_model_id: org/big
  chat_template_params: {reasoning_effort: high}
  special_tokens: ["<|im_end|>"]
  delay: 0.5
  max_retries: 3
  ssl_cert: certs/own.pem
  headers: {Authorization: $GATEWAY_TOKEN, X-Team: data}
  additional_params: {thinking: {type: disabled}}
  input_type: audio
  output_type: audio
  voice: alloy
  speed: 1.5
  response_format: wav
  language: en
  image_capabilities: {prompt_char_limit: 4000, max_edit_images: 2}
  backend: litellm
  multi_modal: false
`;
    const { plan, diagnostics } = compileText(pipeline('gpt'), { models });
    assert.deepEqual(diagnostics, []);
    const model = plan!.models['gpt']!;
    assert.deepEqual(model.completions, { templateModel: 'org/big', ownTemplate: false, templateParameters: { reasoning_effort: 'high' } });
    assert.deepEqual([model.delaySeconds, model.maxAttempts, model.certificateFile, model.specialTokens], [0.5, 4, 'certs/own.pem', ['<|im_end|>']]);
    assert.deepEqual([model.headers, model.secretHeaders], [{ 'X-Team': 'data' }, { Authorization: 'GATEWAY_TOKEN' }]);
    assert.equal(model.outputType, 'audio');
    assert.deepEqual(model.media, { input_type: 'audio', voice: 'alloy', speed: 1.5, response_format: 'wav', language: 'en', image_capabilities: { prompt_char_limit: 4000, max_edit_images: 2 } });
    assert.deepEqual(node(plan!).parameters, { thinking: { type: 'disabled' } });
  });

  it('take regions and projects as they are or from variables, and credentials from variables alone', () => {
    const models = `
cloud: {model_type: bedrock, model: m, region_name: eu-west-1, aws_access_key_id: $KEY_ID, aws_secret_access_key: $KEY}
leaky: {model_type: bedrock, model: m, aws_access_key_id: AKIA123, aws_secret_access_key: hunter2hunter2}
gemini: {model_type: vertex_ai, model: m, vertex_project: $PROJECT, vertex_location: us-east1, vertex_credentials: $ACCOUNT}
`;
    assert.deepEqual(compilePlan(pipeline('cloud'), { models }).models['cloud']?.provider, {
      ...PLAIN.provider,
      region: { value: 'eu-west-1' },
      variables: { accessKeyId: 'KEY_ID', secretAccessKey: 'KEY' },
    });
    assert.deepEqual(compilePlan(pipeline('gemini'), { models }).models['gemini']?.provider, {
      ...PLAIN.provider,
      region: { value: 'us-east1' },
      project: { variable: 'PROJECT' },
      variables: { credentials: 'ACCOUNT' },
    });
    const { diagnostics } = compileText(pipeline('leaky'), { models });
    assert.deepEqual(diagnostics.map(({ code }) => code), ['SECRET_IN_FILE', 'SECRET_IN_FILE']);
    assert.ok(!JSON.stringify(diagnostics).includes('hunter2'));
  });

  it('of a custom endpoint need to say what is sent and where the answer is', () => {
    const whole = 'own: {model_type: http, url: "http://h/x", json_payload: {text: "{prompt}"}, response_path: "a[0].b"}';
    const { payload, responsePath } = compilePlan(pipeline('own'), { models: whole }).models['own']!.provider;
    assert.deepEqual([payload, responsePath], [{ text: '{prompt}' }, 'a[0].b']);
    const { diagnostics } = compileText(pipeline('own'), { models: 'own: {model_type: http, url: "http://h/x", json_payload: true}' });
    assert.deepEqual(diagnostics.map(({ code }) => code), ['MISSING_KEY', 'MISSING_KEY']);
    const triton = compileText(pipeline('own'), { models: 'own: {model_type: triton, payload_key: special}' });
    assert.match(triton.diagnostics[0]?.hint ?? '', /json_payload/);
  });

  it('that run in the worker may say what takes their place', () => {
    const { writer } = compilePlan(pipeline('writer'), { models: 'writer: {model_type: local, otherwise: {model_type: openai, model: gpt-4o-mini}}' }).models;
    assert.deepEqual([writer?.type, writer?.otherwise?.type, writer?.otherwise?.modelId, writer?.otherwise?.name], ['local', 'openai', 'gpt-4o-mini', 'writer']);
    for (const models of ['writer: {model_type: openai, otherwise: {model_type: vllm}}', 'writer: {model_type: local, otherwise: {model_type: local}}']) {
      assert.deepEqual(compileText(pipeline('writer'), { models }).diagnostics.map(({ code }) => code), ['WRONG_VALUE']);
    }
  });

  it('without a completions API are refused where that is asked for', () => {
    const { diagnostics } = compileText(pipeline('x'), { models: 'x: {model_type: anthropic, completions_api: true}' });
    assert.deepEqual(diagnostics.map(({ code, line, column }) => [code, line, column]), [['WRONG_VALUE', 1, 45]]);
  });
});
