import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  InitSelfRefinementState,
  SelfRefinementJudgePostProcessor,
  SelfRefinementLoopCondition,
  UpdateSelfRefinementTrajectory,
} from '../../recipes/self_refinement/task_executor.ts';

type State = Parameters<SelfRefinementLoopCondition['apply']>[0];

const begin = (config: object = {}, state: object = {}): State => new InitSelfRefinementState().apply(config, state as State) as State;
const judge = (content: string, state: object = begin()): State => ({
  ...state,
  ...new SelfRefinementJudgePostProcessor().apply({ content }, state as State),
}) as State;

describe('the recipe self_refinement', () => {
  it('lets the score decide by the threshold, and the verdict where there is no score', () => {
    assert.equal(judge('{"score": 4, "is_good": false}').self_refine_is_good, true);
    assert.equal(judge('{"score": "3.5", "is_good": true}').self_refine_is_good, false);
    assert.equal(judge('{"score": 4}', begin({ params: { score_threshold: 5 } })).self_refine_is_good, false);
    assert.equal(judge('{"is_good": true}').self_refine_is_good, true);
    assert.equal(judge('{"pass": "Yes"}').self_refine_is_good, true);
  });

  it('reads JSON in fences and sentences, under the names that judges use', () => {
    const { self_refine_judge: found } = judge('Sure:\n```json\n{"QUALITY_SCORE": 2, "QUALITY_EXPLANATION": "Too short"}\n```');
    const raw = { QUALITY_SCORE: 2, QUALITY_EXPLANATION: 'Too short' };
    assert.deepEqual(found, { score: 2, is_good: false, critique: 'Too short', raw });
  });

  it('fails the record where the judge says nothing of use', () => {
    assert.throws(() => judge('I like it'), /no JSON object: I like it/);
    assert.throws(() => judge('{"critique": "hm"}'), /neither score nor is_good/);
  });

  it('keeps every candidate with its judgement, and stops when one is good or none may follow', () => {
    let state = begin({ params: { max_iterations: 2 } });
    const round = (candidate: string, answer: string): 'accept' | 'refine' => {
      state = judge(answer, { ...state, candidate });
      state = { ...state, ...new UpdateSelfRefinementTrajectory().apply({}, state) };
      return new SelfRefinementLoopCondition().apply(state);
    };
    assert.equal(round('one', '{"score": 1, "critique": "more"}'), 'refine');
    assert.equal(round('two', '{"score": 2, "critique": "still more"}'), 'accept');
    const kept = (state.reflection_trajectory as { iteration: number; candidate: string; judge: { score: number } }[]).map(
      (entry) => [entry.iteration, entry.candidate, entry.judge.score],
    );
    assert.deepEqual(kept, [[0, 'one', 1], [1, 'two', 2]]);
    state = begin();
    assert.equal(round('good', '{"score": 5}'), 'accept');
  });

  it('takes other keys for the trajectory, goes on with one that is there, and refuses impossible settings', () => {
    const update = new UpdateSelfRefinementTrajectory();
    const state = begin({}, { reflection_trajectory: ['before'], answer: 'A', verdict: 'V' });
    const next = update.apply({ params: { candidate_key: 'answer', judge_key: 'verdict' } }, { ...state, answer: 'A', verdict: 'V' });
    const entry = { iteration: 0, candidate_key: 'answer', candidate: 'A', judge: 'V' };
    assert.deepEqual(next, { reflection_trajectory: ['before', entry], _self_refine_iteration: 1 });
    assert.throws(() => begin({ params: { max_iterations: 0 } }), /max_iterations of the node init_self_refine is 0/);
  });
});
