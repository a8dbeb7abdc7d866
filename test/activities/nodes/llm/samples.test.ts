import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { callKey, requestHash } from '../../../../activities/journal/call-key.ts';
import type { GatewayCall, ModelGateway } from '../../../../activities/models/model-gateway.ts';
import type { ModelAnswer, ModelCapabilities } from '../../../../activities/models/model-client.ts';
import type { NodeOutcome } from '../../../../activities/nodes/node-work.ts';
import { runLlm } from '../../../../activities/nodes/run-llm.ts';
import type { LlmNodePlan } from '../../../../pipeline/plan.ts';
import { compilePlan, SOURCE } from '../../../pipeline/compile-text.ts';
import { modelPlanOf } from '../../models/model-plan-of.ts';
import { llmWorkOf } from './llm-work-of.ts';

let storeFolder: string;
before(async () => {
  storeFolder = await mkdtemp(join(tmpdir(), 'syngraph-samples-'));
});
after(() => rm(storeFolder, { recursive: true, force: true }));

const plan = compilePlan(`${SOURCE}graph_config:
  nodes: {ask: {node_type: llm, model: writer, prompt: [{user: "{text}"}], output_keys: answer}}
  edges: [{from: START, to: ask}, {from: ask, to: END}]
`);

interface Asked {
  outcome: NodeOutcome | undefined;
  /** Answers that each call asked for. */
  calls: number[];
}

/** Runs the node over one record with so many samples; answers are counted through all calls. */
async function ask(options: { count: number; attempt: string; samples: boolean; given?: number; folder: string }): Promise<Asked> {
  const { count, attempt, samples, given = count, folder } = options;
  const calls: number[] = [];
  const capabilities: ModelCapabilities = { structuredOutput: false, samples, tools: false };
  const answer = (number: number): ModelAnswer => ({
    message: { role: 'assistant', content: `${attempt}${number}` }, finishReason: 'stop', refusal: null, answeredBy: null,
    usage: { promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0 },
  });
  const gateway: Partial<ModelGateway> = {
    capabilities: async () => capabilities,
    call: async ({ request }: GatewayCall) => {
      calls.push(request.samples ?? 1);
      const { message, finishReason, refusal } = answer(calls.length);
      const alternatives = Array.from({ length: Math.min(request.samples ?? 1, given) - 1 }, (_, index) => ({ message: { ...message, content: `${attempt}${calls.length}.${index}` }, finishReason, refusal }));
      return { answer: { ...answer(calls.length), ...(alternatives.length === 0 ? {} : { alternatives }) }, latencyMilliseconds: 1, endpoint: '' };
    },
  };
  const work = llmWorkOf({ plan, gateway, storeFolder, attempt, journalFolder: `journal-${folder}` });
  const node: LlmNodePlan = { ...(plan.nodes[0] as LlmNodePlan), samples: { count, as: 'list' } };
  const [outcome] = await runLlm(node, work);
  return { outcome, calls };
}

const answers = ({ outcome }: Asked): unknown => (outcome?.kind === 'changed' ? outcome.change.set['answer'] : outcome);

it('asks one call for all samples, and after a crash only for those that the journal lacks', async () => {
  const first = await ask({ count: 3, attempt: 'a', samples: true, folder: 'one' });
  assert.deepEqual([first.calls, answers(first)], [[3], ['a1', 'a1.0', 'a1.1']]);
  const second = await ask({ count: 4, attempt: 'b', samples: true, folder: 'one' });
  assert.deepEqual([second.calls, answers(second)], [[1], ['a1', 'a1.0', 'a1.1', 'b1']]);
  const third = await ask({ count: 4, attempt: 'c', samples: true, folder: 'one' });
  assert.deepEqual([third.calls, answers(third)], [[], ['a1', 'a1.0', 'a1.1', 'b1']]);
});

it('asks one by one where the server gives one answer to a call, or fewer than it was asked for', async () => {
  assert.deepEqual((await ask({ count: 3, attempt: 'a', samples: false, folder: 'two' })).calls, [1, 1, 1]);
  assert.deepEqual((await ask({ count: 4, given: 2, attempt: 'a', samples: true, folder: 'three' })).calls, [4, 1, 1]);
});

it('keeps the keys of calls that journals hold already', () => {
  const request = requestHash({ model: modelPlanOf(), request: { messages: [{ role: 'user', content: 'Hi' }], parameters: { b: 1, a: 2 } }, simulated: false });
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
  assert.equal(request, hash('["vllm","fake",{"a":2,"b":1},[{"role":"user","content":"Hi"}]]'));
  const place = { seed: 1, recordId: 'r', node: 'ask', visit: 0, sample: 0, repair: 0 };
  assert.equal(callKey({ ...place, step: 0, label: null }, request), hash(JSON.stringify([1, 'r', 'ask', 0, 0, 0, request])));
  const others = [callKey({ ...place, step: 1, label: null }, request), callKey({ ...place, step: 0, label: 'a' }, request), callKey({ ...place, sample: 1, step: 0, label: null }, request)];
  assert.equal(new Set(others).size, 3);
  const tools = [{ name: 'add', description: '', parameters: {} }];
  assert.notEqual(requestHash({ model: modelPlanOf(), request: { messages: [], parameters: {}, tools }, simulated: false }), requestHash({ model: modelPlanOf(), request: { messages: [], parameters: {} }, simulated: false }));
});
