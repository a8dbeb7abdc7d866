import { dirname } from 'node:path';
import { latencyHistogram } from '../../../pipeline/metrics/latency-sketch.ts';
import { addCounts, emptyCalls, mergeCalls, type CallMetrics } from '../../../pipeline/metrics/node-metrics.ts';
import type { RunMetadata } from '../../../pipeline/metrics/run-metadata.ts';
import type { Plan, SourcePlan } from '../../../pipeline/plan.ts';
import { PRICES_DATE } from '../../../pipeline/prices/price-of.ts';
import type { RunSummary } from '../../../pipeline/run-contract.ts';
import { packageVersion } from '../../package-version.ts';
import type { RunDescription } from '../run-files.ts';
import { END_NAME, START_NAME, type NamedMetrics } from './collect-metrics.ts';
import type { FailureCounts } from './count-failures.ts';
import { describeModel, describeNode, sumOf } from './describe-nodes.ts';
import { averageCost, costFigures, dollars, latencyFigures, requestFigures, rounded, tokenFigures } from './figures.ts';

export interface DescribedRun {
  description: RunDescription;
  plan: Plan;
  /** Plans of retries that have mended the pipeline, in their order. */
  otherPlans: readonly Plan[];
  summary: RunSummary;
  metrics: ReadonlyMap<string, NamedMetrics>;
  failures: FailureCounts;
}

/** Buckets of latency, of 2 % each, that the metadata take together. */
const HISTOGRAM_WIDTH = 12;

/** What a run was and did, as `<output>.metadata.json` says it. */
export function describeRun({ description, plan, otherPlans, summary, metrics, failures }: DescribedRun): RunMetadata {
  const { reference, git, createdAt, source, simulatedModels } = description;
  const plans = [plan, ...otherPlans];
  const models = new Map<string, CallMetrics>();
  for (const node of metrics.values()) {
    for (const [name, calls] of Object.entries(node.models)) {
      const sum = models.get(name) ?? emptyCalls();
      mergeCalls(sum, calls);
      models.set(name, sum);
    }
  }
  const all = sumOf(models.values());
  const { counts } = summary;
  const processed = counts.written + counts.failed + counts.filtered;
  const endedAt = new Date();
  const reusedFrom: Record<string, number> = {};
  for (const node of metrics.values()) addCounts(reusedFrom, node.reusedFrom);
  const failuresByType: Record<string, number> = {};
  for (const byCode of Object.values(failures)) addCounts(failuresByType, byCode);
  return {
    metadata_version: '1.0.0',
    generated_at: endedAt.toISOString(),
    execution: {
      task_name: description.task,
      run_name: reference.run,
      pipeline: reference.pipeline,
      status: summary.status,
      output_dir: summary.output === null ? null : dirname(summary.output),
      output: summary.output,
      failed_records: summary.failedRecords,
      batch_size: description.batchSize,
      concurrency: description.concurrency,
      seed: description.seed,
      plan_hash: reference.planHash,
      simulated_models: simulatedModels,
      timing: { start_time: createdAt, end_time: endedAt.toISOString(), duration_seconds: rounded(summary.seconds, 3) },
      environment: { syngraph_version: packageVersion(), node_version: process.version, platform: `${process.platform} ${process.arch}` },
      git: git == null ? null : { commit_hash: git.commit, branch: git.branch, is_dirty: git.isDirty },
      retries: (summary.retries ?? []).map(({ run }) => run),
    },
    dataset: { num_records_processed: processed, start_index: description.startIndex, ...describeSource(plan.source, source) },
    aggregate_statistics: {
      records: { ...counts, total_processed: processed, total_failed: counts.failed, success_rate: processed === 0 ? 0 : rounded((processed - counts.failed) / processed, 6) },
      tokens: tokenFigures(all),
      requests: requestFigures(all),
      cost: {
        ...costFigures(all),
        known_cost_usd: dollars([...models.values()].reduce((sum, { cost }) => sum + (cost ?? 0), 0)) ?? 0,
        average_cost_per_record: averageCost(all.cost, processed),
        prices_date: PRICES_DATE,
        models_without_price: [...models].filter(([, { cost }]) => cost === null).map(([name]) => name),
      },
      latency_statistics: latencyFigures(all.latency),
      throughput: {
        records_per_second: perSecond(processed, summary.seconds),
        completion_tokens_per_second: perSecond(all.completionTokens, summary.seconds),
      },
      response_code_distribution: all.codes,
      failures_by_type: failuresByType,
      reused_from: reusedFrom,
    },
    models: Object.fromEntries(
      [...models].flatMap(([name, calls]) => {
        const owner = plans.find((one) => one.models[name] !== undefined);
        const model = owner?.models[name];
        return owner === undefined || model === undefined ? [] : [[name, describeModel({ model, calls, plan: owner, isSimulated: simulatedModels.includes(name) })]];
      }),
    ),
    nodes: Object.fromEntries(
      plans.flatMap((one, index) =>
        one.nodes
          .filter(({ name }) => !plans.slice(0, index).some((earlier) => earlier.nodes.some((node) => node.name === name)))
          .map((node) => [node.name, describeNode({ node, plan: one, statistics: summary.nodes[node.name], metrics: metrics.get(node.name), failures: failures[node.name] ?? {} })]),
      ),
    ),
    start: metrics.get(START_NAME)?.to ?? Object.fromEntries(plan.start.always.map((target) => [plan.nodes[target]?.name ?? END_NAME, counts.total])),
    latency_histogram: latencyHistogram(all.latency, HISTOGRAM_WIDTH).map(({ upTo, count }) => ({ up_to: rounded(upTo / 1000, 4), count })),
  };
}

type SourceFacts = Pick<RunMetadata['dataset'], 'source_type' | 'source_path' | 'dataset_version' | 'dataset_hash' | 'sources'>;

function describeSource(source: SourcePlan | null, identity: RunDescription['source']): SourceFacts {
  if (source === null || identity === null) return { source_type: 'none', source_path: null, dataset_version: null, dataset_hash: null };
  const isCommit = source.type === 'hf';
  const facts = { source_type: source.type, source_path: identity.name, dataset_version: isCommit ? identity.version : null, dataset_hash: isCommit ? null : identity.version };
  if (source.type !== 'joined') return facts;
  const sources = source.parts.map(({ alias, join }, index) => {
    const part = identity.parts?.[index];
    return [alias === '' ? String(index) : alias, { source_path: part?.name ?? '', version: part?.version ?? '', join_type: join.kind }] as const;
  });
  return { ...facts, sources: Object.fromEntries(sources) };
}

function perSecond(count: number, secondsOfRun: number): number {
  return secondsOfRun <= 0 ? 0 : rounded(count / secondsOfRun, 2);
}
