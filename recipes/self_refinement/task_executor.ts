import { type Judgement, readJudgement } from './read-judgement.ts';

interface State {
  _self_refine_iteration: number;
  _self_refine_max_iterations: number;
  _self_refine_score_threshold: number;
  self_refine_is_good?: boolean;
  reflection_trajectory?: unknown;
  [key: string]: unknown;
}

interface InitConfig {
  params?: { max_iterations?: unknown; score_threshold?: unknown };
}

/** Begins the loop; a trajectory that is there already is gone on with. */
export class InitSelfRefinementState {
  apply({ params = {} }: InitConfig, state: State): object {
    return {
      _self_refine_iteration: 0,
      _self_refine_max_iterations: wholeNumber('max_iterations', params.max_iterations ?? 2),
      _self_refine_score_threshold: wholeNumber('score_threshold', params.score_threshold ?? 4),
      reflection_trajectory: trajectoryOf(state),
    };
  }
}

/** Turns the judge's answer into `self_refine_judge`, `self_refine_is_good` and `self_refine_critique`. */
export class SelfRefinementJudgePostProcessor {
  apply(message: { content: string }, state: State): object {
    const judgement: Judgement = readJudgement(message.content, state._self_refine_score_threshold ?? 4);
    return {
      self_refine_judge: judgement,
      self_refine_is_good: judgement.is_good,
      self_refine_critique: judgement.critique,
    };
  }
}

interface TrajectoryConfig {
  params?: { candidate_key?: string; judge_key?: string };
}

/** Keeps the candidate and what the judge said about it. */
export class UpdateSelfRefinementTrajectory {
  apply({ params = {} }: TrajectoryConfig, state: State): object {
    const { candidate_key: candidateKey = 'candidate', judge_key: judgeKey = 'self_refine_judge' } = params;
    const iteration = state._self_refine_iteration ?? 0;
    const entry = {
      iteration,
      candidate_key: candidateKey,
      candidate: state[candidateKey] ?? null,
      judge: state[judgeKey] ?? null,
    };
    return { reflection_trajectory: [...trajectoryOf(state), entry], _self_refine_iteration: iteration + 1 };
  }
}

/** A good candidate is taken, and so is the last one that may be made. */
export class SelfRefinementLoopCondition {
  apply(state: State): 'accept' | 'refine' {
    const isLast = (state._self_refine_iteration ?? 0) >= (state._self_refine_max_iterations ?? 2);
    return state.self_refine_is_good === true || isLast ? 'accept' : 'refine';
  }
}

function trajectoryOf({ reflection_trajectory: trajectory }: State): unknown[] {
  return Array.isArray(trajectory) ? trajectory : [];
}

function wholeNumber(name: string, value: unknown): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`params.${name} of the node init_self_refine is ${JSON.stringify(value)}; it is a whole number from 1`);
}
