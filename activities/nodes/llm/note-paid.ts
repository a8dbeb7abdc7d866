import type { ModelPlan } from '../../../pipeline/plan.ts';
import { priceOf } from '../../../pipeline/prices/price-of.ts';
import { BATCH_PRICE_SHARE } from '../../metrics/call-meter.ts';
import type { TokenUsage } from '../../models/model-client.ts';
import type { NodeWork } from '../node-work.ts';

/** Tells the run's caps of an answer that has just been made; one from the journal was told of when it was made. */
export function notePaid(work: Pick<NodeWork, 'run' | 'dependencies'>, model: ModelPlan, usage: TokenUsage, isBatch = false): void {
  const { promptTokens, completionTokens, cachedPromptTokens } = usage;
  const price = work.dependencies.gateway.isSimulated(model) ? null : priceOf(model);
  const cached = Math.min(cachedPromptTokens, promptTokens);
  const cost = price && ((promptTokens - cached) * price.input + cached * price.cached + completionTokens * price.output) / 1e6;
  work.run.steering.notePaid({ tokens: promptTokens + completionTokens, cost: cost && (isBatch ? cost * BATCH_PRICE_SHARE : cost) });
}
