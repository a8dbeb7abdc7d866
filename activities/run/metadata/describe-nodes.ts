import type { ModelPlan } from '../../../pipeline/model-plan.ts';
import { addCounts, emptyCalls, mergeCalls, type CallMetrics } from '../../../pipeline/metrics/node-metrics.ts';
import type { ModelMetadata, NodeMetadata } from '../../../pipeline/metrics/run-metadata.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { NodePlan, Plan } from '../../../pipeline/plan.ts';
import { priceOf } from '../../../pipeline/prices/price-of.ts';
import { emptyStatistics, type NodeStatistics } from '../../../pipeline/run-statistics.ts';
import { END_NAME, type NamedMetrics } from './collect-metrics.ts';
import { averageCost, averageTokens, costFigures, latencyFigures, requestFigures, rounded, seconds, tokenFigures } from './figures.ts';

/** Sum over models, nodes, or both. */
export function sumOf(all: Iterable<CallMetrics>): CallMetrics {
  const sum = emptyCalls();
  for (const calls of all) mergeCalls(sum, calls);
  return sum;
}

export function describeModel(options: { model: ModelPlan; calls: CallMetrics; plan: Plan; isSimulated: boolean }): ModelMetadata {
  const { model, calls, plan, isSimulated } = options;
  const latency = calls.latency;
  const requests = requestFigures(calls);
  return {
    model_name: model.name,
    model_type: isSimulated ? 'simulated' : model.type,
    model_id: model.modelId,
    answered_by: calls.answeredBy,
    token_statistics: { ...tokenFigures(calls), ...averageTokens(calls) },
    performance: {
      ...requests,
      total_latency_seconds: seconds(latency.sum) ?? 0,
      average_latency_seconds: latency.count === 0 ? null : seconds(latency.sum / latency.count),
      tokens_per_second: latency.sum === 0 ? null : rounded((calls.completionTokens * 1000) / latency.sum, 2),
      latency_statistics: latencyFigures(latency),
    },
    cost: {
      ...costFigures(calls),
      average_cost_per_request: averageCost(calls.cost, calls.calls),
      price: isSimulated ? { input: 0, output: 0, cached: 0 } : priceOf(model),
    },
    response_code_distribution: calls.codes,
    parameters: parametersOf(model.name, plan),
  };
}

export function describeNode(options: {
  node: NodePlan;
  plan: Plan;
  statistics: NodeStatistics | undefined;
  metrics: NamedMetrics | undefined;
  failures: Record<string, number>;
}): NodeMetadata {
  const { node, plan, statistics = emptyStatistics(), metrics, failures } = options;
  const calls = sumOf(Object.values(metrics?.models ?? {}));
  const { latency } = calls;
  const asks = calls.calls + calls.failedCalls + calls.reused > 0;
  const { records, failed, toolCalls = 0, toolErrors = 0, truncated, refused, empty } = statistics;
  return {
    node_name: node.name,
    node_type: node.kind,
    model_name: 'model' in node && typeof node.model === 'string' ? node.model : null,
    models: Object.keys(metrics?.models ?? {}),
    total_executions: records,
    total_failures: failed,
    failure_rate: records === 0 ? 0 : rounded(failed / records, 6),
    records_to: targetsOf({ node, plan, metrics, records }),
    total_latency_seconds: seconds(latency.sum) ?? 0,
    average_latency_seconds: latency.count === 0 ? null : seconds(latency.sum / latency.count),
    latency_statistics: latencyFigures(latency),
    requests: requestFigures(calls),
    ...(asks ? { cost: { ...costFigures(calls), average_cost_per_execution: averageCost(calls.cost, records) } } : {}),
    ...(calls.promptTokens + calls.completionTokens > 0 ? { token_statistics: { ...tokenFigures(calls), ...averageTokens(calls) } } : {}),
    ...(toolCalls > 0 ? { tool_calls: { total: toolCalls, errors: toolErrors } } : {}),
    answers: { truncated, refused, empty },
    failures_by_type: failures,
  };
}

/** No activity tells where records go behind a subgraph whose way on is the same for all. */
function targetsOf({ node, plan, metrics, records }: { node: NodePlan; plan: Plan; metrics: NamedMetrics | undefined; records: number }): Record<string, number> {
  if (node.kind !== 'subgraph' || node.route.conditions.length > 0 || records === 0) return metrics?.to ?? {};
  const to: Record<string, number> = {};
  for (const target of node.route.always) addCounts(to, { [plan.nodes[target]?.name ?? END_NAME]: records });
  return to;
}

/** As the first node that names the model asks it. */
function parametersOf(model: string, plan: Plan): JsonObject {
  for (const node of plan.nodes) {
    const own = node.kind === 'llm' || node.kind === 'agent' ? [node] : node.kind === 'multi_llm' ? node.models : [];
    const asked = [...own, ...own.flatMap(({ fallbacks }) => fallbacks?.models ?? [])].find((one) => one.model === model);
    if (asked !== undefined) return asked.parameters;
  }
  return {};
}
