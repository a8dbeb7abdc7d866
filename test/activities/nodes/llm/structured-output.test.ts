import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { ModelCallError } from '../../../../activities/models/model-call-error.ts';
import type { ModelRequest } from '../../../../activities/models/model-client.ts';
import { runLlm } from '../../../../activities/nodes/run-llm.ts';
import type { NodeOutcome } from '../../../../activities/nodes/node-work.ts';
import type { LlmNodePlan } from '../../../../pipeline/plan.ts';
import { compilePlan, SOURCE } from '../../../pipeline/compile-text.ts';
import { llmWorkOf } from './llm-work-of.ts';

let storeFolder: string;
let number = 0;
before(async () => {
  storeFolder = await mkdtemp(join(tmpdir(), 'syngraph-structured-'));
});
after(() => rm(storeFolder, { recursive: true, force: true }));

const plan = compilePlan(`${SOURCE}graph_config:
  nodes:
    ask:
      node_type: llm
      model: {name: writer, structured_output: {schema: {fields: {score: {type: int}, words: {type: str, default: none}}}}}
      prompt: [{user: "{text}"}]
      output_keys: [score, words]
      on_truncation: keep
  edges: [{from: START, to: ask}, {from: ask, to: END}]
`);

/** What the model answers to each request in turn; a failure is a request that it refuses. */
async function ask(answers: (string | ModelCallError)[], { native = true, finishReason = 'stop' } = {}): Promise<{ outcome: NodeOutcome | undefined; requests: ModelRequest[] }> {
  const requests: ModelRequest[] = [];
  const work = llmWorkOf({
    plan, storeFolder, attempt: 'a', journalFolder: `journal-${number++}`,
    gateway: {
      capabilities: async () => ({ structuredOutput: native, samples: false, tools: false }),
      call: async ({ request }) => {
        const answer = answers[requests.push(request) - 1] ?? '';
        if (answer instanceof ModelCallError) throw answer;
        const usage = { promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0 };
        return { answer: { message: { role: 'assistant', content: answer }, finishReason, refusal: null, answeredBy: null, usage }, latencyMilliseconds: 1, endpoint: '' };
      },
    },
  });
  const [outcome] = await runLlm(plan.nodes[0] as LlmNodePlan, work);
  return { outcome, requests };
}

const set = (outcome: NodeOutcome | undefined): unknown => (outcome?.kind === 'changed' ? outcome.change.set : outcome);

it('is asked of a server that constrains answers, and in words of one that does not', async () => {
  const native = await ask(['{"score": 4}']);
  assert.deepEqual(set(native.outcome), { score: 4, words: 'none' });
  assert.deepEqual(Object.keys((native.requests[0]?.format?.schema as { properties: object }).properties), ['score', 'words']);
  assert.deepEqual(native.requests[0]?.messages, [{ role: 'user', content: 'Hi' }]);
  const inWords = await ask(['{"score": 4}'], { native: false });
  assert.equal(inWords.requests[0]?.format, undefined);
  assert.match(JSON.stringify(inWords.requests[0]?.messages), /JSON schema.*score/);
});

it('is asked for in words where the server refuses the schema', async () => {
  const refusal = new ModelCallError({ kind: 'permanent', reason: 'rejected', message: 'no such format' });
  const { outcome, requests } = await ask([refusal, '{"score": 4}']);
  assert.deepEqual(set(outcome), { score: 4, words: 'none' });
  assert.deepEqual(requests.map((request) => request.format !== undefined), [true, false]);
});

it('sends the answer back with what is wrong, and keeps to the number of repairs', async () => {
  const { outcome, requests } = await ask(['{"score": "4"}', '{"score": 4.5}', 'four']);
  assert.equal(requests.length, 3);
  assert.deepEqual(requests[1]?.messages.slice(1, 2), [{ role: 'assistant', content: '{"score": "4"}' }]);
  assert.match(JSON.stringify(requests[1]?.messages[2]), /score: .*string.*integer/);
  assert.ok(outcome?.kind === 'failed');
  assert.equal(outcome.failure.code, 'ANSWER_INVALID');
  assert.match(outcome.failure.message, /holds no JSON object/);
});

it('takes nothing from an answer that was cut off, nor one of two that differ', async () => {
  assert.deepEqual(set((await ask(['{"score": 4, "words": "unfin', '{"score": 3}'], { finishReason: 'length' })).outcome), { score: 3, words: 'none' });
  assert.deepEqual(set((await ask(['{"score": 1} or {"score": 2}', '{"score": 3}'])).outcome), { score: 3, words: 'none' });
  assert.deepEqual(set((await ask(['{"score": 1}, as said: {"score": 1}'])).outcome), { score: 1, words: 'none' });
});
