import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slidingWindows, windowAfter } from '../../activities/local-models/run/scoring-windows.ts';
import { MODEL_RULE_DEFAULTS, type ModelRulesPlan } from '../../pipeline/model-rules.ts';
import type { QualityNodePlan } from '../../pipeline/plan.ts';
import { applyModelRules } from '../../quality/model-rules/apply-model-rules.ts';
import { classProbability } from '../../quality/model-rules/class-probability.ts';
import type { ModelFinding } from '../../quality/model-rules/model-rule.ts';
import { answerParts } from '../../quality/model-rules/scored-texts.ts';
import { compilePlan, compileText, SOURCE } from '../pipeline/compile-text.ts';

function yaml(rules: string): string {
  return `${SOURCE}graph_config:\n  nodes:\n    judge: {node_type: quality, rules: {${rules}}}\n  edges:\n    - {from: START, to: judge}\n    - {from: judge, to: END}\n`;
}

function plan(rules: string): QualityNodePlan {
  const [node] = compilePlan(yaml(rules)).nodes;
  assert.ok(node?.kind === 'quality');
  return node;
}

const faults = (rules: string): string => compileText(yaml(rules)).diagnostics.map(({ code, message, hint }) => `${code}: ${message} ${hint ?? ''}`).join('\n');

describe('rules that need a model', () => {
  it('are off unless they are named, and the plan has every setting of those that are on', () => {
    assert.equal(plan('pii: false').modelRules, undefined);
    const local = { kind: 'local', model: 'SmolLM2-135M-Instruct' };
    assert.deepEqual(plan('ppl_score: true').modelRules, { ppl_score: { ...MODEL_RULE_DEFAULTS.ppl_score, scorer: local } });
    const { modelRules } = plan('ppl_score: {model: gpt2, max: 400, window: 512, overlap: 128, languages: all}, ifd_score: {max: 1}, reward_score: {model: ./reward, min: 0.5, label: 1}');
    assert.deepEqual(modelRules?.ppl_score, { ...MODEL_RULE_DEFAULTS.ppl_score, scorer: { kind: 'local', model: 'openai-community/gpt2' }, max: 400, window: 512, overlap: 128, languages: 'all' });
    assert.deepEqual(modelRules?.ifd_score, { ...MODEL_RULE_DEFAULTS.ifd_score, scorer: local, max: 1 });
    assert.deepEqual(modelRules?.reward_score, { ...MODEL_RULE_DEFAULTS.reward_score, scorer: { kind: 'local', model: './reward' }, min: 0.5, label: '1' });
  });

  it('name models behind endpoints as nodes do', () => {
    const compiled = compilePlan(yaml('reward_score: {model: {name: judge, model_type: vllm, url: "http://localhost:1"}}'));
    const [node] = compiled.nodes;
    const scorer = node?.kind === 'quality' ? node.modelRules?.reward_score?.scorer : undefined;
    assert.equal(scorer?.kind, 'endpoint');
    assert.equal(compiled.models[scorer?.model ?? '']?.type, 'vllm');
  });

  it('are refused with settings that cannot be', () => {
    assert.match(faults('reward_score: true'), /MISSING_KEY: reward_score names no model/);
    assert.match(faults('ppl_score: {overlap: 100}'), /WRONG_VALUE: overlap is that of windows/);
    assert.match(faults('ppl_score: {window: 100, overlap: 80}'), /leaves too little of a window of 100/);
    assert.match(faults('ppl_score: {model: 3}'), /WRONG_TYPE|WRONG_VALUE/);
    assert.match(faults('ppl_score: {maximum: 3}'), /maximum/);
  });

  it('add their tags and their reasons to those of the other rules', () => {
    const rules = { ppl_score: { ...MODEL_RULE_DEFAULTS.ppl_score }, ifd_score: { ...MODEL_RULE_DEFAULTS.ifd_score, max: 1 }, reward_score: { ...MODEL_RULE_DEFAULTS.reward_score } } as ModelRulesPlan;
    const judge = (...findings: ModelFinding[]): ReturnType<typeof applyModelRules> =>
      applyModelRules({ tags: { tokens: { input_tokens: 3 }, passed: true, rejections: [] }, rejections: [] }, findings.map((finding) => ({ finding, model: 'tiny' })), rules);
    const good = judge({ rule: 'ppl_score', perplexity: 1000, tokens: 9 }, { rule: 'ifd_score', after: 5, alone: 10, tokens: 4 }, { rule: 'reward_score', score: 0.3, label: null });
    assert.deepEqual(good.tags, {
      tokens: { input_tokens: 3 },
      perplexity: { score: 1000, model: 'tiny', tokens: 9 },
      ifd: { ifd_score: 0.5, ifd_model: 'tiny', answer_perplexity: 10, conditioned_perplexity: 5, tokens: 4 },
      reward_score: { score: 0.3, reward_model: 'tiny' },
      passed: true,
      rejections: [],
    });
    const bad = judge({ rule: 'ppl_score', perplexity: 1000.1, tokens: 9 }, { rule: 'ifd_score', after: 11, alone: 10, tokens: 4 }, { rule: 'reward_score', score: 0.29, label: 'good' });
    assert.deepEqual(bad.rejections, [
      { rule: 'ppl_score', reason: 'its perplexity is 1000.1, above 1000' },
      { rule: 'ifd_score', reason: 'its IFD is 1.100, above 1' },
      { rule: 'reward_score', reason: 'its reward is 0.290, below 0.3' },
    ]);
    assert.deepEqual([bad.tags.passed, bad.tags.rejections], [false, bad.rejections]);
    const none = judge({ rule: 'ppl_score', unscored: 'its language is de' });
    assert.deepEqual([none.tags.perplexity, none.tags.passed], [{ score: null, model: 'tiny', unscored: 'its language is de' }, true]);
  });

  it('take the score of a classifier from its only class, or from the one that is named or called positive', () => {
    assert.ok(Math.abs(classProbability([0], [], null).score - 0.5) < 1e-12);
    assert.ok(Math.abs(classProbability([Math.log(3)], [], null).score - 0.75) < 1e-12);
    const two = [Math.log(1), Math.log(3)];
    const score = (labels: string[], label: string | null): number => Number(classProbability(two, labels, label).score.toFixed(12));
    assert.deepEqual([score([], null), classProbability(two, [], null).label], [0.75, '1']);
    assert.deepEqual([score(['POSITIVE', 'NEGATIVE'], null), score(['bad', 'so so'], 'bad'), score([], '0')], [0.25, 0.25, 0.25]);
    assert.ok(Math.abs(classProbability([1000, 1001], [], null).score - 1 / (1 + Math.exp(-1))) < 1e-12);
    assert.throws(() => classProbability(two, ['bad', 'good'], 'fine'), /has no class fine; it has bad, good/);
  });

  it('take the last answer that has text, and all before it', () => {
    const said = (role: 'user' | 'assistant' | 'system', text: string): { role: 'user' | 'assistant' | 'system'; text: string; hasMore: boolean; finishReason: null } => ({ role, text, hasMore: false, finishReason: null });
    assert.deepEqual(answerParts([said('system', 'Be kind.'), said('user', 'When?'), said('assistant', 'At noon.'), said('assistant', ' ')]), { prompt: 'Be kind.\n\nWhen?\n\n', answer: 'At noon.' });
    assert.equal(answerParts([said('assistant', 'At noon.')]), null);
    assert.equal(answerParts([said('user', 'When?')]), null);
  });
});

describe('the windows of a text', () => {
  const ids = Array.from({ length: 23 }, (_, index) => index + 10);

  it('count each token once, whatever they see again', () => {
    for (const [size, overlap, begin] of [[8, 0, 1], [8, 3, 1], [8, 7, null], [2, 1, 1], [64, 5, null]] as const) {
      const windows = slidingWindows(ids, { text: 0, begin, size, overlap });
      const counted = windows.flatMap(({ tokens, from }) => tokens.slice(from));
      assert.deepEqual(counted, begin === null ? ids.slice(1) : ids, `${size} ${overlap}`);
      assert.ok(windows.every(({ tokens, from }) => tokens.length <= size && from >= 1));
    }
    assert.deepEqual(slidingWindows([], { text: 0, begin: 1, size: 8, overlap: 0 }), []);
    assert.deepEqual(slidingWindows(ids, { text: 0, begin: 1, size: 8, overlap: 3 })[1], { text: 0, tokens: [14, 15, 16, 17, 18, 19, 20, 21], from: 3 });
  });

  it('count the same tokens whatever stands before them', () => {
    for (const begin of [1, null]) {
      const counted = [[], [5], [5, 6, 7, 8, 9, 4, 3, 2, 1]].map((before) => windowAfter(before, ids, { text: 0, begin, size: 16, overlap: 0 }).flatMap(({ tokens, from }) => tokens.slice(from)));
      assert.deepEqual(counted[0], ids.slice(begin === null ? 1 : 0, 8));
      assert.deepEqual([counted[1], counted[2]], [counted[0], counted[0]]);
    }
    assert.deepEqual(windowAfter([5, 6, 7, 8, 9], [10, 11], { text: 0, begin: 1, size: 6, overlap: 0 })[0]?.tokens, [1, 7, 8, 9, 10, 11]);
  });
});
