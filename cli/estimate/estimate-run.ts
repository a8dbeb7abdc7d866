import { BATCH_PRICE_SHARE } from '../../activities/metrics/cost-of-usage.ts';
import type { ModelPlan, Plan } from '../../pipeline/plan.ts';
import type { NodeStatistics } from '../../pipeline/run-statistics.ts';

/** What a node did in a group. */
export interface SampledNode extends NodeStatistics {
  /** Dollars that its reused answers have cost when they were asked for; null or absent: not known. */
  saved?: number | null;
  /** They were asked for by runs, and not by samples or previews: by batches, where the model has `mode: batch`. */
  isSavedByRuns?: boolean;
}

/** One of the samples that an estimate goes by. */
export interface Sample {
  records: number;
  /** From the run's start to its end. */
  seconds: number;
  /** What the nodes did, by groups of `groupSize` records, in plan order each. */
  groups: SampledNode[][];
}

export interface EstimateInput {
  plan: Pick<Plan, 'nodes' | 'models'>;
  small: Sample;
  large: Sample;
  groupSize: number;
  /** Calls in flight while the samples were taken. */
  sampledConcurrency: number;
  /** Of the run that is estimated. */
  records: number;
  concurrency: number;
}

/** What a number will be, and how far it may be off: a 95 % interval is value ± error. */
export interface Estimated {
  value: number;
  error: number;
}

export interface RunEstimate {
  records: number;
  sampledRecords: number;
  /** Dollars; null where the price of a model is unknown, or all its answers were reused. */
  cost: Estimated | null;
  /** Models whose price is unknown. */
  unknownPrices: string[];
  tokens: Estimated | null;
  calls: Estimated;
  /** null where answers were reused, which says nothing of the endpoint, and where they come by the provider's batches. */
  seconds: number | null;
  /** What keeps the run from being faster. */
  limitedBy: string;
  /** Share of the sampled records that failed. */
  failedShare: number;
}

/**
 * Estimates a run from two samples of it.
 *
 * Amounts (calls, tokens, dollars): with the means x₁ … x_k of k groups of records, their mean m and
 * their standard deviation s, a run of N records takes N·m ± t·(s/√k)·N·√(1 − n/N), where n is the
 * number of sampled records and t the 97.5 % quantile of Student's distribution with k − 1 degrees of
 * freedom (a 95 % interval with the correction for a finite population; Cochran, Sampling Techniques,
 * sections 2.6 and 9.1). A call that was answered by the journal counts as one like the others of its node.
 *
 * Duration: the two samples, of n₁ and n₂ records, took T₁ and T₂ seconds with c calls in flight. The
 * line through them has a slope of b = (T₂ − T₁)/(n₂ − n₁) seconds a record, and meets 0 records at
 * a = T₁ − b·n₁, the time that does not depend on the number of records. With C calls in flight a run of
 * N takes a + b·N·c/min(C, N), or as long as the requests or tokens a minute of its models allow, whatever is longer.
 */
export function estimateRun(input: EstimateInput): RunEstimate {
  const { plan, small, large, records } = input;
  const groups = [...small.groups, ...large.groups];
  const sampledRecords = small.records + large.records;
  const sizes = [small, large].flatMap((sample) => sample.groups.map((_, index) => Math.min(input.groupSize, sample.records - index * input.groupSize)));
  const total = (pick: (node: SampledNode, index: number) => number | null): Estimated | null => {
    const sums = groups.map((group) => sumOrNull(group.map((node, index) => pick(node, index))));
    const all = sumOrNull(sums);
    if (all === null) return null;
    const means = sums.map((sum, index) => (sum ?? 0) / (sizes[index] ?? 1));
    return { value: (all / sampledRecords) * records, error: errorOf(means, { records, sampled: sampledRecords }) };
  };
  // Samples ask such models by single calls, at twice the price.
  const share = (index: number): number => (hasBatches(plan, index) ? BATCH_PRICE_SHARE : 1);
  const unknown = plan.nodes.flatMap((node, index) => (groups.some((group) => group[index]?.cost === null) ? modelsOf(node) : []));
  return {
    records,
    sampledRecords,
    calls: total(({ calls, reused }) => calls + reused) ?? { value: 0, error: 0 },
    tokens: total((node, index) => scaled(groups, index, node, ({ promptTokens, completionTokens }) => promptTokens + completionTokens)),
    cost: total((node, index) => costOf(node, share(index)) ?? scaled(groups, index, node, ({ cost }) => cost && cost * share(index))),
    unknownPrices: [...new Set(unknown)],
    ...durationOf(input, groups),
    failedShare: sumOf(groups.flat(), ({ failed }) => failed) / Math.max(1, sampledRecords),
  };
}

function hasBatches({ nodes, models }: EstimateInput['plan'], index: number): boolean {
  return modelsOf(nodes[index]).some((key) => models[key]?.batch !== undefined);
}

/** Earlier runs have paid for what this one reuses, and the run that is estimated pays for its like. */
function costOf({ cost, reused, saved = null, isSavedByRuns = false }: SampledNode, share: number): number | null {
  return reused === 0 || cost === null || saved === null ? null : cost * share + saved * (isSavedByRuns ? 1 : share);
}

/** What a node used in a group, if its reused answers had been paid for like those of the whole sample that were. */
function scaled(groups: readonly NodeStatistics[][], index: number, node: NodeStatistics, pick: (node: NodeStatistics) => number | null): number | null {
  if (node.reused === 0) return pick(node);
  const all = groups.flatMap((group) => group[index] ?? []);
  const calls = sumOf(all, (one) => one.calls);
  const used = sumOrNull(all.map(pick));
  return calls === 0 || used === null ? null : (used / calls) * (node.calls + node.reused);
}

function errorOf(means: readonly number[], { records, sampled }: { records: number; sampled: number }): number {
  const count = means.length;
  const finite = Math.sqrt(Math.max(0, 1 - sampled / records));
  if (count < 2) return finite === 0 ? 0 : Infinity;
  const mean = sumOf(means, (value) => value) / count;
  const variance = sumOf(means, (value) => (value - mean) ** 2) / (count - 1);
  return studentQuantile(count - 1) * Math.sqrt(variance / count) * records * finite;
}

/** 97.5 % quantiles of Student's distribution for 1, 2, … degrees of freedom; beyond, that of the normal one is near. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131];

function studentQuantile(degrees: number): number {
  return STUDENT[degrees - 1] ?? 2.1;
}

function durationOf(input: EstimateInput, groups: readonly NodeStatistics[][]): Pick<RunEstimate, 'seconds' | 'limitedBy'> {
  const { plan, small, large, records, concurrency, sampledConcurrency } = input;
  if (plan.nodes.some((_, index) => hasBatches(plan, index))) return { seconds: null, limitedBy: 'the provider takes up to 24 hours for the batches of each node with mode: batch' };
  if (groups.flat().some(({ reused }) => reused > 0)) return { seconds: null, limitedBy: 'answers of the sample were reused' };
  const models = Object.values(plan.models);
  const most = Math.min(concurrency, ...models.map(({ maxConcurrency }) => maxConcurrency ?? Infinity));
  // A slope below zero is noise: then the larger sample alone must do.
  const slope = large.seconds > small.seconds ? (large.seconds - small.seconds) / (large.records - small.records) : large.seconds / large.records;
  const fixed = Math.max(0, small.seconds - slope * small.records);
  let seconds = fixed + (slope * records * sampledConcurrency) / Math.min(most, records);
  let limitedBy = `${most} calls in flight`;
  const sampled = small.records + large.records;
  for (const model of models) {
    const own = groups.flatMap((group) => group.filter((_, index) => modelsOf(plan.nodes[index]).includes(model.name)));
    for (const [limit, used, unit] of limitsOf(model, own)) {
      const needed = ((used / sampled) * records * 60) / limit;
      if (needed <= seconds) continue;
      seconds = needed;
      limitedBy = `${limit} ${unit} a minute of ${model.name}`;
    }
  }
  return { seconds, limitedBy };
}

function limitsOf({ requestsPerMinute, tokensPerMinute }: ModelPlan, nodes: readonly NodeStatistics[]): [number, number, string][] {
  return [
    ...(requestsPerMinute === null ? [] : [[requestsPerMinute, sumOf(nodes, ({ calls }) => calls), 'requests'] as [number, number, string]]),
    ...(tokensPerMinute === null ? [] : [[tokensPerMinute, sumOf(nodes, ({ promptTokens, completionTokens }) => promptTokens + completionTokens), 'tokens'] as [number, number, string]]),
  ];
}

/** Keys of the models that a node asks. */
function modelsOf(node: Plan['nodes'][number] | undefined): string[] {
  if (node === undefined) return [];
  if ('models' in node && Array.isArray(node.models)) return node.models.map(({ model }) => model);
  return 'model' in node && typeof node.model === 'string' ? [node.model] : [];
}

function sumOf<Item>(items: readonly Item[], pick: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + pick(item), 0);
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
