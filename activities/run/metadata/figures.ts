import { quantile, type LatencySketch } from '../../../pipeline/metrics/latency-sketch.ts';
import type { CallMetrics } from '../../../pipeline/metrics/node-metrics.ts';
import type { AverageTokens, CostFigures, LatencyFigures, RequestFigures, TokenFigures } from '../../../pipeline/metrics/run-metadata.ts';

export function latencyFigures(sketch: LatencySketch): LatencyFigures {
  const { count, sum, sumOfSquares, min, max } = sketch;
  const at = (share: number): number | null => seconds(quantile(sketch, share));
  // Of a sample, as SyGra reckons it.
  const variance = count < 2 ? 0 : Math.max(0, (sumOfSquares - (sum * sum) / count) / (count - 1));
  const ofAny = (value: number): number | null => (count === 0 ? null : seconds(value));
  return {
    count, min: ofAny(min), max: ofAny(max), mean: ofAny(sum / count), median: at(0.5), std_dev: ofAny(Math.sqrt(variance)),
    p50: at(0.5), p95: at(0.95), p99: at(0.99),
  };
}

export function tokenFigures(calls: CallMetrics): TokenFigures {
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = calls;
  return {
    total_prompt_tokens: promptTokens, total_completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens,
    total_cached_tokens: cachedTokens, total_reasoning_tokens: reasoningTokens,
  };
}

/** Of one answered call. */
export function averageTokens({ calls, promptTokens, completionTokens }: CallMetrics): AverageTokens {
  const each = (sum: number): number => (calls === 0 ? 0 : rounded(sum / calls, 2));
  return { avg_prompt_tokens: each(promptTokens), avg_completion_tokens: each(completionTokens), avg_total_tokens: each(promptTokens + completionTokens) };
}

export function requestFigures({ calls, failedCalls, retries, reused }: CallMetrics): RequestFigures {
  const requests = calls + failedCalls;
  const rate = (part: number): number => (requests === 0 ? 0 : rounded(part / requests, 6));
  return {
    total_requests: requests, total_retries: retries, total_failures: failedCalls, retry_rate: rate(retries), failure_rate: rate(failedCalls), total_reused: reused,
  };
}

export function costFigures({ cost, saved }: Pick<CallMetrics, 'cost' | 'saved'>): CostFigures {
  return { total_cost_usd: dollars(cost), saved_cost_usd: dollars(saved) };
}

/** Dollars of each of so many; null where they are unknown, or there are none. */
export function averageCost(cost: number | null, count: number): number | null {
  return cost === null || count === 0 ? null : dollars(cost / count);
}

export function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : rounded(milliseconds / 1000, 3);
}

/** To a millionth of a cent: a small model's call costs less than that of a dollar. */
export function dollars(value: number | null): number | null {
  return value === null ? null : rounded(value, 8);
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
