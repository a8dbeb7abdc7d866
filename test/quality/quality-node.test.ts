import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeOutcome } from '../../activities/nodes/node-work.ts';
import { runQuality } from '../../activities/nodes/run-quality.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { QualityNodePlan } from '../../pipeline/plan.ts';
import { QUALITY_RULE_DEFAULTS, QUALITY_RULE_NAMES } from '../../pipeline/quality-rules.ts';
import { nodeWorkOf } from '../activities/nodes/node-work-of.ts';
import { compilePlan, compileText, SOURCE } from '../pipeline/compile-text.ts';

function yaml(settings: string): string {
  return `${SOURCE}graph_config:\n  nodes:\n    judge: {node_type: quality${settings === '' ? '' : `, ${settings}`}}\n  edges:\n    - {from: START, to: judge}\n    - {from: judge, to: END}\n`;
}

function plan(settings = ''): QualityNodePlan {
  const [node] = compilePlan(yaml(settings)).nodes;
  assert.ok(node?.kind === 'quality');
  return node;
}

const faults = (settings: string): string[] => compileText(yaml(settings)).diagnostics.map(({ code, message }) => `${code}: ${message}`);

const run = (node: QualityNodePlan, ...states: JsonObject[]): Promise<NodeOutcome[]> => runQuality(node, nodeWorkOf({ records: states.map((state) => ({ state })) }));

function changed(outcome: NodeOutcome | undefined): JsonObject {
  assert.ok(outcome?.kind === 'changed', JSON.stringify(outcome));
  return outcome.change.set;
}

const QUESTION = 'Could you tell me where the old ferry leaves, and how long it takes to the other side?';
const ANSWER = 'It leaves from the pier behind the market every morning, and it takes about an hour to get across.';
const GOOD = { messages: [{ role: 'user', content: QUESTION }, { role: 'assistant', content: ANSWER }] };

describe('a quality node', () => {
  it('has all rules but contamination with their defaults unless it says otherwise, and the plan has every setting', () => {
    const node = plan();
    const { contamination: _, ...defaults } = QUALITY_RULE_DEFAULTS;
    assert.deepEqual([node.rules, node.mode, node.into, node.messages, node.writes], [defaults, 'tag', 'metadata', null, ['metadata']]);
    const { rules } = plan('rules: {pii: false, metadata_tagging: true, language_detection: {languages: [de, fr]}, conversation_length_check: {min_turns: 1}, lexical_diversity: {min_mtld: 20}}');
    assert.deepEqual(Object.keys(rules), QUALITY_RULE_NAMES.filter((name) => name !== 'pii' && name !== 'contamination'));
    assert.deepEqual(rules.language_tagging, { languages: ['de', 'fr'], confidence: 0.9, codeConfidence: 0.5 });
    assert.deepEqual([rules.conversation_length, rules.lexical_diversity], [{ minTurns: 1, maxTurns: 20 }, { minTtr: 0.3, mtldFactor: 0.72, minMtld: 20 }]);
  });

  it('is refused with rules that cannot be', () => {
    assert.match(faults('rules: {lexical: true}').join(), /lexical/);
    assert.match(faults('rules: {language_tagging: {confidence: 2}}').join(), /WRONG_VALUE/);
    assert.match(faults('rules: {language_tagging: true, language_detection: true}').join(), /same rule/);
    assert.match(faults('rules: {conversation_length: {min_turns: 5, max_turns: 4}}').join(), /No conversation has 5 turns/);
    assert.match(faults(`rules: {${QUALITY_RULE_NAMES.map((name) => `${name}: false`).join(', ')}}`).join(), /All rules of this node are off/);
    assert.match(faults('messages: chat').join(), /Nothing provides "chat"/);
  });

  it('writes what the rules find beside what the state has there, in the order of the records', async () => {
    const states = Array.from({ length: 40 }, (_, number) => ({ messages: [...GOOD.messages, ...(number % 2 === 0 ? [] : [{ role: 'user', content: 'Thank you very much, that helps me a lot.' }])], metadata: { source: number } }));
    const outcomes = (await run(plan(), ...states)).map(changed);
    for (const [number, { metadata }] of outcomes.entries()) {
      const { source, quality_characteristics: quality } = metadata as { source: number; quality_characteristics: { heuristic_based: Record<string, JsonObject> } };
      assert.deepEqual([source, quality.heuristic_based.conversation_stats?.turn_count], [number, number % 2 === 0 ? 2 : 3]);
      assert.deepEqual([quality.heuristic_based.passed, quality.heuristic_based.language?.detected], [true, 'en']);
    }
  });

  it('recognises what training files have, or reads the key that it names', async () => {
    const turns = async (node: QualityNodePlan, state: JsonObject): Promise<unknown> => {
      const [outcome] = await run(node, state);
      if (outcome?.kind === 'failed') return `${outcome.failure.code}: ${outcome.failure.message}`;
      return (changed(outcome).metadata as { quality_characteristics: { heuristic_based: { conversation_stats: { turn_count: number } } } }).quality_characteristics.heuristic_based.conversation_stats.turn_count;
    };
    assert.equal(await turns(plan(), { prompt: QUESTION, response: ANSWER }), 2);
    assert.equal(await turns(plan(), { conversations: [{ from: 'human', value: QUESTION }, { from: 'gpt', value: ANSWER }] }), 2);
    assert.equal(await turns({ ...plan(), messages: 'chat' }, { chat: GOOD.messages, text: 'something else' }), 2);
    assert.equal(await turns({ ...plan(), messages: 'draft' }, { draft: ANSWER }), 1);
    assert.match(String(await turns(plan(), { colour: 'red' })), /^CONVERSATION_INVALID: .*looked for/);
    assert.match(String(await turns({ ...plan(), messages: 'chat' }, { text: ANSWER })), /^CONVERSATION_INVALID: .*under chat, and there is nothing/);
  });

  it('drops or fails rejected records where it is told to', async () => {
    const bad = { messages: [{ role: 'user', content: QUESTION }, { role: 'assistant', content: '' }] };
    const kinds = async (mode: string): Promise<string[]> => (await run(plan(`mode: ${mode}, rules: {language_tagging: false}`), GOOD, bad)).map((outcome) => (outcome.kind === 'failed' ? outcome.failure.code + outcome.failure.message : outcome.kind));
    assert.deepEqual(await kinds('tag'), ['changed', 'changed']);
    assert.deepEqual(await kinds('filter'), ['changed', 'filtered']);
    assert.deepEqual(await kinds('fail'), ['changed', 'QUALITY_REJECTEDcompleteness: one turn is empty']);
  });

  it('masks personal data in the conversation alone', async () => {
    const messages = [{ role: 'user', content: QUESTION }, { role: 'assistant', content: `${ANSWER} Write to ferry@example.com.` }];
    const masking = plan('rules: {pii: {action: mask}}');
    const state = changed((await run(masking, { messages, contact: 'me@example.com' }))[0]);
    assert.deepEqual(state.messages, [messages[0], { role: 'assistant', content: `${ANSWER} Write to <EMAIL>.` }]);
    assert.deepEqual(Object.keys(state), ['messages', 'metadata']);
    assert.ok(!JSON.stringify(state).includes('ferry@'));
  });
});
