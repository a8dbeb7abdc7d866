import type { ModelPlan } from '../../pipeline/model-plan.ts';
import { priceOf } from '../../pipeline/prices/price-of.ts';
import type { TokenUsage } from '../models/model-client.ts';

/** What providers ask for by their batch APIs, of the price of a call. */
export const BATCH_PRICE_SHARE = 0.5;

/** Dollars that an answer of a model costs; null where no price is known. */
export function costOfUsage(model: ModelPlan, { promptTokens, completionTokens, cachedPromptTokens }: TokenUsage, isBatch = false): number | null {
  const price = priceOf(model);
  // Images and sounds are not sold by the token everywhere: no tokens do not mean no price.
  if (price === null || (model.outputType !== 'text' && promptTokens + completionTokens === 0 && price.input > 0)) return null;
  const cached = Math.min(promptTokens, cachedPromptTokens);
  const dollars = ((promptTokens - cached) * price.input + cached * price.cached + completionTokens * price.output) / 1e6;
  return isBatch ? dollars * BATCH_PRICE_SHARE : dollars;
}
