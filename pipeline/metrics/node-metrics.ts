import { emptySketch, mergeSketch, type LatencySketch } from './latency-sketch.ts';

/** What was asked of one model at one node. */
export interface CallMetrics {
  /** Answers that this run has paid for. */
  calls: number;
  /** Answers that earlier runs have paid for. */
  reused: number;
  promptTokens: number;
  completionTokens: number;
  /** Prompt tokens that the provider had in its cache, of those above. */
  cachedTokens: number;
  /** Completion tokens that were reasoning, of those above, where the provider says so. */
  reasoningTokens: number;
  /** Dollars; null where no price is known. */
  cost: number | null;
  /** Dollars that reused answers have cost when they were asked for. */
  saved: number | null;
  /** Attempts that failed and were made again, or given up. */
  failedCalls: number;
  /** Attempts that were made again, of those that failed. */
  retries: number;
  /** How attempts ended: `200`, the status of a refusal, or `timeout`, `connection` … where there was none. */
  codes: Record<string, number>;
  latency: LatencySketch;
  /** What the provider called the model that has answered, with counts. */
  answeredBy: Record<string, number>;
}

/** What one node did beyond its `NodeStatistics`; kept in result files and parts, and never in histories. */
export interface NodeMetrics {
  /** Index in `Plan.nodes`, or that of a pseudo node. */
  node: number;
  /** Records by target: the index of a node, or END. */
  to: Record<number, number>;
  /** By name of the model. */
  models: Record<string, CallMetrics>;
  /** Earlier runs to the number of answers that were taken from them. */
  reusedFrom: Record<string, number>;
}

/** Names that a provider may give itself: more than these are counted as others. */
const MOST_NAMES = 20;
export const OTHER_NAMES = '(others)';

export function emptyCalls(): CallMetrics {
  return {
    calls: 0, reused: 0, promptTokens: 0, completionTokens: 0, cachedTokens: 0, reasoningTokens: 0, cost: 0, saved: 0, failedCalls: 0, retries: 0,
    codes: {}, latency: emptySketch(), answeredBy: {},
  };
}

export function emptyMetrics(node: number): NodeMetrics {
  return { node, to: {}, models: {}, reusedFrom: {} };
}

/** Adds `more` to `sum`. */
export function mergeCalls(sum: CallMetrics, more: CallMetrics): void {
  sum.calls += more.calls;
  sum.reused += more.reused;
  sum.promptTokens += more.promptTokens;
  sum.completionTokens += more.completionTokens;
  sum.cachedTokens += more.cachedTokens;
  sum.reasoningTokens += more.reasoningTokens;
  sum.cost = addDollars(sum.cost, more.cost);
  sum.saved = addDollars(sum.saved, more.saved);
  sum.failedCalls += more.failedCalls;
  sum.retries += more.retries;
  addCounts(sum.codes, more.codes);
  mergeSketch(sum.latency, more.latency);
  for (const [name, count] of Object.entries(more.answeredBy)) countName(sum.answeredBy, name, count);
}

/** Adds each of `more` to the metrics of its node in `sums`. */
export function mergeMetrics(sums: Map<number, NodeMetrics>, more: readonly NodeMetrics[]): void {
  for (const { node, to, models, reusedFrom } of more) {
    const sum = sums.get(node) ?? emptyMetrics(node);
    sums.set(node, sum);
    addCounts(sum.to, to);
    addCounts(sum.reusedFrom, reusedFrom);
    for (const [name, calls] of Object.entries(models)) mergeCalls((sum.models[name] ??= emptyCalls()), calls);
  }
}

export function addDollars(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left + right;
}

export function addCounts(sums: Record<string, number>, more: Record<string, number>): void {
  // A node may be called `constructor`.
  for (const [key, count] of Object.entries(more)) sums[key] = (Object.hasOwn(sums, key) ? sums[key]! : 0) + count;
}

/** Counts a name that comes from outside: only so many are told apart. */
export function countName(counts: Record<string, number>, name: string, count: number): void {
  const key = Object.hasOwn(counts, name) || Object.keys(counts).length < MOST_NAMES ? name : OTHER_NAMES;
  counts[key] = (counts[key] ?? 0) + count;
}
