import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEngine, type Engine } from '../support/engine.ts';
import { readTask, runTask } from '../support/run-task.ts';
import { bigramProbability, WORDS, writeBigramModel, writeClassifier } from './tiny-models.ts';

interface Found {
  perplexity: { score: number | null; model: string; tokens?: number; unscored?: string };
  ifd: { ifd_score: number | null; answer_perplexity: number; conditioned_perplexity: number; tokens: number };
  reward_score: { score: number | null; reward_model: string; label?: string; unscored?: string };
  rejections: { rule: string; reason: string }[];
}

/** Eight English words at least, so that the language can be told. */
const ROWS = [
  { question: 'When does the old ferry leave every morning?', answer: 'The ferry leaves at noon from the old pier.' },
  { question: 'Wann fährt die alte Fähre jeden Morgen am Hafen ab?', answer: 'Die Fähre fährt jeden Tag pünktlich um zwölf Uhr mittags.' },
  { question: 'When does it leave from the pier every morning?', answer: '' },
  { question: 'Does the ferry leave from the old pier at noon?', answer: 'It leaves from the pier every morning old old old old.' },
];
const input = ROWS.map(({ question, answer }) => `${JSON.stringify({ messages: [{ role: 'user', content: question }, { role: 'assistant', content: answer }] })}\n`).join('');

let folder = '';
let engine: Engine;
let server: Server;
let url = '';
let asked: { path: string; body: Record<string, unknown>; key: string | undefined }[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syngraph-rules-'));
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const body = JSON.parse(text) as Record<string, unknown>;
      asked.push({ path: request.url ?? '', body, key: request.headers.authorization });
      const [status, reply] = replyTo(request.url ?? '', body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  engine = await startEngine({ SYGRA_REWARD_TOKEN: 'key-of-the-reward' });
});
after(async () => {
  await engine.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** As vLLM and Text Embeddings Inference answer. */
function replyTo(path: string, body: Record<string, unknown>): [number, unknown] {
  const text = JSON.stringify(body);
  if (path === '/classify') {
    if (text.includes('Wann')) return [400, { error: { message: 'This model takes 16 tokens' } }];
    return [200, { id: 'classify-1', object: 'list', data: [{ index: 0, label: 'LABEL_0', probs: [text.includes('old old') ? 0.1 : 0.9], num_classes: 1 }], usage: { prompt_tokens: 20 } }];
  }
  if (path === '/predict') return [200, [{ score: 0.8, label: 'good' }, { score: 0.2, label: 'bad' }]];
  const words = String(body.prompt).split(' ');
  return [200, { choices: [{ text: ' ', prompt_logprobs: words.map((word, index) => (index === 0 ? null : { [index]: { logprob: -2, rank: 1, decoded_token: word } })) }], usage: { prompt_tokens: words.length, completion_tokens: 1 } }];
}

function yaml(rules: string): string {
  return `
data_config: { source: { type: disk, file_path: input.jsonl } }
graph_config:
  nodes:
    judge:
      node_type: quality
      rules: { conversation_pretokenization: false, conversation_length: false, completeness: false, language_tagging: false, lexical_diversity: false, repetition: false, boilerplate: false, pii: false, ${rules} }
  edges: [{ from: START, to: judge }, { from: judge, to: END }]
output_config: { output_map: { metadata: { from: metadata } } }
`;
}

async function judge(rules: string): Promise<Found[]> {
  const { summary, rows } = await runTask(engine, { yaml: yaml(rules), files: { 'input.jsonl': input } });
  assert.equal(summary.status, 'done', JSON.stringify(summary));
  return rows.map(({ metadata }) => (metadata as { quality_characteristics: { heuristic_based: Found } }).quality_characteristics.heuristic_based);
}

/** Perplexity by the table of the model alone. */
function perplexity(text: string, after = '<s>'): number {
  const ids = [...after.toLowerCase().match(/<s>|\w+|[^\w\s]+/g)!.slice(-1), ...text.toLowerCase().match(/\w+|[^\w\s]+/g)!].map((word) => Math.max(0, WORDS.indexOf(word)));
  const surprise = ids.slice(1).reduce((sum, id, place) => sum - Math.log(bigramProbability(ids[place]!, id)), 0);
  return Math.exp(surprise / (ids.length - 1));
}

const near = (found: number | null | undefined, wanted: number): void => assert.ok(Math.abs((found ?? NaN) / wanted - 1) < 1e-5, `${found}, not ${wanted}`);

describe('models in the worker', () => {
  it('score English conversations, say why they score no others, and reject what surprises them too much', async () => {
    const model = writeBigramModel({ folder: join(folder, 'bigram') });
    const found = await judge(`ppl_score: {model: ${model}, max: 15}, ifd_score: {model: ${model}}`);
    const [first, german, unanswered, last] = found;
    assert.ok(first && german && unanswered && last);
    const { question, answer } = ROWS[0]!;
    near(first.perplexity.score, perplexity(`${question}\n${answer}`));
    assert.deepEqual([first.perplexity.model, first.perplexity.tokens], ['bigram', 19]);
    near(first.ifd.answer_perplexity, perplexity(answer));
    near(first.ifd.conditioned_perplexity, perplexity(answer, question));
    near(first.ifd.ifd_score, perplexity(answer, question) / perplexity(answer));
    assert.deepEqual(german.perplexity, { score: null, model: 'bigram', unscored: 'its language is de' });
    assert.ok(unanswered.perplexity.score !== null && unanswered.ifd.ifd_score === null);
    assert.deepEqual(found.map(({ rejections }) => rejections.map(({ rule }) => rule)), found.map(({ perplexity: { score } }) => (score !== null && score > 15 ? ['ppl_score'] : [])));
    assert.ok(found.some(({ rejections }) => rejections.length > 0) && found.some(({ rejections }) => rejections.length === 0));
  });

  it('give rewards by any classifier in Hugging Face layout', async () => {
    const one = writeClassifier({ folder: join(folder, 'reward'), rows: { noon: [1], old: [-1] }, classes: 1 });
    const [first, , , last] = await judge(`reward_score: {model: ${one}}`);
    near(first?.reward_score.score, 1 / (1 + Math.E));
    assert.equal(first?.reward_score.reward_model, 'reward');
    near(last?.reward_score.score, 1 / (1 + Math.exp(4)));
    assert.match(last?.rejections[0]?.reason ?? '', /its reward is 0\.018, below 0\.3/);
    const config = { id2label: { 0: 'chosen', 1: 'rejected' }, pad_token_id: 0 };
    const template = '{% if messages | length > 1 and messages[1].content == "" %}{{ raise_exception("no answer") }}{% endif %}{% for message in messages %}{{ message.content }} {% endfor %}';
    const two = writeClassifier({ folder: join(folder, 'two'), rows: { old: [0, 1] }, classes: 2, config, chatTemplate: template });
    const [chosen] = await judge(`reward_score: {model: ${two}}`);
    near(chosen?.reward_score.score, 1 / (1 + Math.exp(2)));
    assert.equal(chosen?.reward_score.label, 'chosen');
  });

});

describe('endpoints', () => {
  it('pass no record that they have not scored: a run that comes to its cap scores the rest when it goes on', async () => {
    const files = { 'input.jsonl': input };
    const rules = yaml(`reward_score: {model: {name: reward, model_type: vllm, model_serving_name: rm, url: "${url}/v1"}}`);
    const capped = await runTask(engine, { yaml: rules, files, input: { maxTokensTotal: 30, concurrency: 1 } });
    assert.equal(capped.summary.status, 'capped');
    assert.equal(capped.summary.counts.cancelled, ROWS.length - capped.rows.length);
    assert.ok(capped.rows.length > 0 && capped.rows.length < ROWS.length, `${capped.rows.length} rows`);
    const { reference } = JSON.parse((await engine.store.read(`runs/${capped.id}/run.json`))!.toString()) as { reference: { planHash: string } };
    const summary = await engine.start(capped.id, { planHash: reference.planHash, resume: true, maxTokensTotal: 3_000 });
    const { rows } = await readTask(capped.id, summary);
    assert.equal(rows.length, ROWS.length);
    for (const { metadata } of rows) assert.ok((metadata as { quality_characteristics: { heuristic_based: Found } }).quality_characteristics.heuristic_based.reward_score);
  });

  it("classify conversations as vLLM's and Text Embeddings Inference's servers do", async () => {
    asked = [];
    const [first, german, , last] = await judge(`reward_score: {model: {name: reward, model_type: vllm, model_serving_name: rm, url: "${url}/v1"}}`);
    assert.deepEqual([first?.reward_score, last?.rejections[0]?.rule], [{ score: 0.9, reward_model: 'rm' }, 'reward_score']);
    assert.match(german?.reward_score.unscored ?? '', /This model takes 16 tokens/);
    assert.deepEqual(asked.map(({ path, key }) => [path, key]), Array(4).fill(['/classify', 'Bearer key-of-the-reward']));
    assert.deepEqual(asked.find(({ body }) => JSON.stringify(body).includes('noon from'))?.body, {
      model: 'rm',
      messages: [{ role: 'user', content: ROWS[0]!.question }, { role: 'assistant', content: ROWS[0]!.answer }],
      truncate_prompt_tokens: 2048,
    });
    const [good] = await judge(`reward_score: {model: {name: tei, model_type: tgi, url: "${url}"}}`);
    assert.deepEqual(good?.reward_score, { score: 0.8, reward_model: 'tei', label: 'good' });
  });

  it('score texts by the log-probabilities of the prompt', async () => {
    const [first, german] = await judge(`ppl_score: {model: {name: qwen, model_type: vllm, url: "${url}/v1"}}, ifd_score: {model: {name: qwen, model_type: vllm, url: "${url}/v1"}}`);
    near(first?.perplexity.score, Math.exp(2));
    near(first?.ifd.ifd_score, 1);
    assert.match(german?.perplexity.unscored ?? '', /language is de/);
  });
});

describe('data_quality', () => {
  it('scores what a run has written, and has it judged by the model that the task names', async () => {
    const model = writeBigramModel({ folder: join(folder, 'bigram-of-output') });
    const tasks = `[{ name: language_tagging }, { name: ppl_score, params: { model: ${model} } }, { name: reward_score, params: { model: { name: rm } } }, { name: llm_based_quality, params: { model: my-judge } }]`;
    const models = `rm: { model_type: vllm, url: "${url}/v1" }\nmy-judge: { model_type: openai, model: gpt-5 }\n`;
    const { summary, rows } = await runTask(engine, {
      yaml: `
data_config: { source: { type: disk, file_path: input.jsonl } }
graph_config:
  nodes: { keep: { node_type: filter, where: "messages != null" } }
  edges: [{ from: START, to: keep }, { from: keep, to: END }]
output_config:
  output_map: { messages: { from: messages } }
  data_quality: { tasks: ${tasks} }
`,
      files: { 'input.jsonl': input, 'models.yaml': models },
    });
    assert.equal(rows.length, 4);
    assert.ok(summary.quality?.output);
    const tagged = (await readFile(summary.quality.output, 'utf8')).trimEnd().split('\n').map((line) => (JSON.parse(line) as { metadata: { quality_characteristics: { heuristic_based: Found; LLM_based?: object } } }).metadata.quality_characteristics);
    const [first] = tagged;
    assert.ok(first);
    near(first.heuristic_based.perplexity.score, perplexity(`${ROWS[0]!.question}\n${ROWS[0]!.answer}`));
    assert.equal(first.heuristic_based.reward_score.score, 0.9);
    assert.ok(tagged.every(({ LLM_based: judged }) => judged !== undefined && 'overall_score' in judged));
  });
});
