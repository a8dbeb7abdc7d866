import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveEndpoints } from '../../../activities/models/resolve-endpoints.ts';
import { modelPlanOf } from './model-plan-of.ts';

const urlsOf = (...options: Parameters<typeof resolveEndpoints>): string[] =>
  resolveEndpoints(...options).map(({ url }) => url);

test('takes the url from the environment before that of models.yaml', () => {
  const model = modelPlanOf({ name: 'my model-1', url: 'http://planned:1/v1' });
  assert.deepEqual(urlsOf(model, {}), ['http://planned:1/v1']);
  assert.deepEqual(urlsOf(model, { SYGRA_MY_MODEL_1_URL: 'http://set:2/v1' }), ['http://set:2/v1']);
});

test('matches several keys to several urls, and one key to all of them', () => {
  const environment = { SYGRA_WRITER_URL: 'http://a:1/v1 | http://b:2/v1', SYGRA_WRITER_TOKEN: 'one|two' };
  assert.deepEqual(
    resolveEndpoints(modelPlanOf(), environment).map(({ url, key }) => [url, key]),
    [
      ['http://a:1/v1', 'one'],
      ['http://b:2/v1', 'two'],
    ],
  );
  const single = resolveEndpoints(modelPlanOf(), { ...environment, SYGRA_WRITER_TOKEN: 'one' });
  assert.deepEqual(
    single.map(({ key }) => key),
    ['one', 'one'],
  );
});

test('refuses numbers of keys and urls that do not match', () => {
  const environment = { SYGRA_WRITER_URL: 'http://a:1', SYGRA_WRITER_TOKEN: 'one|two' };
  assert.throws(() => resolveEndpoints(modelPlanOf(), environment), /SYGRA_WRITER_TOKEN holds 2 keys for 1 urls/);
});

test('reaches OpenAI itself when only OPENAI_API_KEY is set, for models of that type only', () => {
  const environment = { OPENAI_API_KEY: 'a-key-of-openai' };
  const [endpoint] = resolveEndpoints(modelPlanOf({ type: 'openai' }), environment);
  assert.equal(endpoint?.url, 'https://api.openai.com/v1');
  assert.equal(endpoint?.keyVariable, 'OPENAI_API_KEY');
  assert.deepEqual(resolveEndpoints(modelPlanOf({ type: 'vllm' }), environment), []);
});

test('never hands OPENAI_API_KEY to a server of another type', () => {
  const [endpoint] = resolveEndpoints(modelPlanOf({ url: 'http://elsewhere:1/v1' }), {
    OPENAI_API_KEY: 'a-key-of-openai',
  });
  assert.equal(endpoint?.key, null);
});

test('prefers the variable that models.yaml names to that of the provider', () => {
  const model = modelPlanOf({ type: 'openai', tokenVariable: 'TEAM_KEY' });
  const [endpoint] = resolveEndpoints(model, { OPENAI_API_KEY: 'general', TEAM_KEY: 'special' });
  assert.deepEqual([endpoint?.key, endpoint?.keyVariable], ['special', 'TEAM_KEY']);
});

test('names the variable to set where there is no key: the model\'s own beside a url of its own', () => {
  const missing = (...options: Parameters<typeof resolveEndpoints>): string | undefined => {
    const [endpoint] = resolveEndpoints(...options);
    assert.equal(endpoint?.key, null);
    return endpoint.keyVariable;
  };
  const model = modelPlanOf({ type: 'openai' });
  assert.equal(missing(model, { SYGRA_WRITER_URL: 'http://set:2/v1' }), 'SYGRA_WRITER_TOKEN');
  assert.equal(missing({ ...model, url: 'http://planned:1/v1' }, {}), 'SYGRA_WRITER_TOKEN');
  assert.equal(missing(model, { OPENAI_BASE_URL: 'http://general:3/v1' }), 'OPENAI_API_KEY');
  assert.equal(missing({ ...model, tokenVariable: 'TEAM_KEY' }, { SYGRA_WRITER_URL: 'http://set:2/v1' }), 'TEAM_KEY');
});

test('is empty where nothing at all is configured', () =>
  assert.deepEqual(urlsOf(modelPlanOf({ type: 'openai' }), {}), []));

test('refuses a key without a url', () => {
  assert.throws(() => resolveEndpoints(modelPlanOf(), { SYGRA_WRITER_TOKEN: 'key' }), /Set SYGRA_WRITER_URL too/);
});

test('accepts a host, a base url and a full path alike', () => {
  for (const given of [
    'http://h:1',
    'http://h:1/',
    'http://h:1/v1',
    'http://h:1/v1/',
    'http://h:1/v1/chat/completions',
  ]) {
    assert.deepEqual(urlsOf(modelPlanOf({ url: given }), {}), ['http://h:1/v1'], given);
  }
});

test('names the deployment in the path of an Azure resource', () => {
  const model = modelPlanOf({ type: 'azure_openai', modelId: 'gpt-4o', url: 'https://mine.openai.azure.com/' });
  assert.deepEqual(urlsOf(model, {}), ['https://mine.openai.azure.com/openai/deployments/gpt-4o']);
  const full = 'https://mine.openai.azure.com/openai/deployments/other/chat/completions?api-version=2024-06-01';
  assert.deepEqual(urlsOf({ ...model, url: full }, {}), ['https://mine.openai.azure.com/openai/deployments/other']);
});

test('refuses what is no url, and shows no password of one', () => {
  assert.throws(() => resolveEndpoints(modelPlanOf({ url: 'localhost:8000/v1' }), {}), /not an http or https url/);
  assert.throws(
    () => resolveEndpoints(modelPlanOf({ url: 'http://user:pa55word@host/v1' }), {}),
    (error: Error) => !error.message.includes('pa55word') && error.message.includes('SYGRA_WRITER_TOKEN'),
  );
});
