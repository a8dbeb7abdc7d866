import type { ModelPlan } from '../../../pipeline/plan.ts';
import { addDollars } from '../../../pipeline/metrics/node-metrics.ts';
import type { ModelAnswer } from '../../models/model-client.ts';
import type { NodeWork } from '../node-work.ts';
import type { AnswerFault } from './read-answer.ts';

interface Counted {
  work: NodeWork;
  model: ModelPlan;
  answer: ModelAnswer;
}

/**
 * Counts an answer that this run pays for, with what it has cost, and how long it took where that is known.
 * @param isReplayed it was made for an earlier attempt, which has told whoever watches
 */
export function countAnswer({ work, model, answer, milliseconds, isReplayed = false }: Counted & { milliseconds: number | null; isReplayed?: boolean }): void {
  const { promptTokens, completionTokens } = answer.usage;
  const cost = work.meter.answered(model, answer, milliseconds);
  const { statistics } = work;
  statistics.calls += 1;
  statistics.promptTokens += promptTokens;
  statistics.completionTokens += completionTokens;
  statistics.cost = addDollars(statistics.cost, cost);
  if (isReplayed) work.run.live.replayed(work.name);
  else work.run.live.add(work.name, { calls: 1, promptTokens, completionTokens, cost });
}

/** Counts an answer that an earlier run has paid for. */
export function countReused({ work, model, answer, run }: Counted & { run: string }): void {
  work.meter.reused(model, answer, run);
  work.statistics.reused += 1;
  work.run.live.add(work.name, { reused: 1 });
  work.run.live.reusedFrom(run);
}

export function countFault(work: NodeWork, fault: AnswerFault): void {
  const key = { ANSWER_TRUNCATED: 'truncated', ANSWER_EMPTY: 'empty', ANSWER_REFUSED: 'refused' } as const;
  work.statistics[key[fault]] += 1;
  work.run.live.add(work.name, { [key[fault]]: 1 });
}
