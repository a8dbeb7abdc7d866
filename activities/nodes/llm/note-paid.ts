import type { ModelPlan } from '../../../pipeline/plan.ts';
import { costOfUsage } from '../../metrics/cost-of-usage.ts';
import type { TokenUsage } from '../../models/model-client.ts';
import type { NodeWork } from '../node-work.ts';

/** Tells the run's caps of an answer that has just been made; one from the journal was told of when it was made. */
export function notePaid(work: Pick<NodeWork, 'run' | 'dependencies'>, model: ModelPlan, usage: TokenUsage, isBatch = false): void {
  const cost = work.dependencies.gateway.isSimulated(model) ? null : costOfUsage(model, usage, isBatch);
  work.run.steering.notePaid({ tokens: usage.promptTokens + usage.completionTokens, cost });
}
