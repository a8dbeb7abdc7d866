import type { ModelPlan } from '../../../pipeline/plan.ts';
import { addStatistics, emptyStatistics } from '../../../pipeline/run-statistics.ts';
import type { ModelAnswer } from '../../models/model-client.ts';
import type { NodeWork } from '../node-work.ts';
import type { AnswerFault } from './read-answer.ts';

/** Counts an answer into the node's statistics and the live view, with what it has cost. */
export function countAnswer(options: { work: NodeWork; model: ModelPlan; answer: ModelAnswer; reused: boolean }): void {
  const { work, model, answer, reused } = options;
  const { promptTokens, completionTokens } = answer.usage;
  const price = work.dependencies.gateway.isSimulated(model) ? { input: 0, output: 0 } : model.price;
  const paid = price && (promptTokens * price.input + completionTokens * price.output) / 1e6;
  const added = reused ? { reused: 1 } : { calls: 1, promptTokens, completionTokens, cost: paid };
  Object.assign(work.statistics, addStatistics(work.statistics, { ...emptyStatistics(), ...added }));
  work.run.live.add(work.name, added);
}

export function countFault(work: NodeWork, fault: AnswerFault): void {
  const key = { ANSWER_TRUNCATED: 'truncated', ANSWER_EMPTY: 'empty', ANSWER_REFUSED: 'refused' } as const;
  work.statistics[key[fault]] += 1;
  work.run.live.add(work.name, { [key[fault]]: 1 });
}
