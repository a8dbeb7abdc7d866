import type { RunMetadata } from '../../../pipeline/metrics/run-metadata.ts';
import type { Colours } from '../../terminal.ts';
import { formatCount, formatDuration, formatRate, printable } from '../format.ts';
import { renderTable, type Column } from '../table.ts';
import { costOrUnknown, formatSeconds } from './figures.ts';

const right = (title: string): Column => ({ title, align: 'right' });
const CALLS = ['calls', 'failed', 'retried', 'reused', 'tokens in', 'cached', 'out', 'reasoning', 'p50', 'p95', 'p99'].map(right);

/** What a run was and did, for a terminal. */
export function reportLines(metadata: RunMetadata, colours: Colours): string[] {
  const { execution, dataset, aggregate_statistics: all } = metadata;
  const { records, cost } = all;
  const { timing, git } = execution;
  const source = dataset.source_path === null ? 'none' : `${dataset.source_path} (${dataset.dataset_version === null ? 'sha256' : 'commit'} ${(dataset.dataset_version ?? dataset.dataset_hash ?? '').slice(0, 12)})`;
  return [
    `${colours.bold(`${execution.pipeline}/${execution.run_name}`)} ${execution.status.replaceAll('_', ' ')}: ${formatCount(records.written)} written, ${formatCount(records.failed)} failed, ${formatCount(records.filtered)} filtered of ${formatCount(records.total + records.spawned)} records; ${formatCount(records.rows)} rows`,
    `${formatDuration(timing.duration_seconds)} from ${timing.start_time.slice(0, 19).replace('T', ' ')} UTC, records at ${formatRate(all.throughput.records_per_second)}, tokens out at ${formatRate(all.throughput.completion_tokens_per_second)}`,
    '',
    ...renderTable([{ title: 'model' }, ...CALLS, right('tokens/s'), right('cost')], modelRows(metadata)),
    '',
    ...renderTable([{ title: 'node' }, right('records'), right('failed'), ...CALLS.filter(({ title }) => title !== 'failed'), right('cost')], nodeRows(metadata)),
    '',
    ...failureLines(metadata),
    ...codeLine(all.response_code_distribution),
    ...reuseLine(metadata),
    `cost: ${costOrUnknown(cost.total_cost_usd)}${cost.total_cost_usd === null ? `; ${costOrUnknown(cost.known_cost_usd)} of it known, no price is known of ${cost.models_without_price.join(', ')}: say it by price in models.yaml` : cost.average_cost_per_record === null ? '' : `, ${costOrUnknown(cost.average_cost_per_record)} a record`} (list prices of ${cost.prices_date})`,
    ...(execution.simulated_models.length === 0 ? [] : [`simulated: ${execution.simulated_models.join(', ')}`]),
    `source: ${printable(source, { oneLine: true })}`,
    `made with: plan ${execution.plan_hash.slice(0, 12)}, seed ${execution.seed}, syngraph ${execution.environment.syngraph_version}${git === null ? '' : `, commit ${git.commit_hash.slice(0, 12)}${git.is_dirty ? ' with changes' : ''}`}`,
    ...(execution.output === null ? [] : [`output: ${execution.output}`]),
  ];
}

function modelRows({ models }: RunMetadata): string[][] {
  return Object.values(models).map(({ model_name, performance, token_statistics: tokens, cost }) => [
    printable(model_name, { oneLine: true, most: 40 }),
    formatCount(performance.total_requests - performance.total_failures), formatCount(performance.total_failures), formatCount(performance.total_retries), formatCount(performance.total_reused),
    formatCount(tokens.total_prompt_tokens), formatCount(tokens.total_cached_tokens), formatCount(tokens.total_completion_tokens), formatCount(tokens.total_reasoning_tokens),
    ...[performance.latency_statistics.p50, performance.latency_statistics.p95, performance.latency_statistics.p99].map(formatSeconds),
    performance.tokens_per_second === null ? '' : performance.tokens_per_second.toFixed(1),
    costOrUnknown(cost.total_cost_usd),
  ]);
}

function nodeRows({ nodes }: RunMetadata): string[][] {
  return Object.values(nodes).map(({ node_name, total_executions, total_failures, requests, token_statistics: tokens, latency_statistics: latency, cost }) => [
    printable(node_name, { oneLine: true, most: 40 }), formatCount(total_executions), formatCount(total_failures),
    ...(cost === undefined
      ? Array.from({ length: CALLS.length }, () => '')
      : [
          formatCount(requests.total_requests - requests.total_failures), formatCount(requests.total_retries), formatCount(requests.total_reused),
          ...[tokens?.total_prompt_tokens, tokens?.total_cached_tokens, tokens?.total_completion_tokens, tokens?.total_reasoning_tokens].map((count) => formatCount(count ?? 0)),
          ...[latency.p50, latency.p95, latency.p99].map(formatSeconds),
          costOrUnknown(cost.total_cost_usd),
        ]),
  ]);
}

function failureLines({ nodes, execution, aggregate_statistics: { failures_by_type } }: RunMetadata): string[] {
  if (Object.keys(failures_by_type).length === 0) return [];
  const rows = Object.values(nodes).flatMap(({ node_name, failures_by_type: codes }) => Object.entries(codes).map(([code, count]) => [printable(node_name, { oneLine: true, most: 40 }), code, formatCount(count)]));
  const beside = Object.entries(failures_by_type).flatMap(([code, count]) => {
    const rest = count - Object.values(nodes).reduce((sum, node) => sum + (node.failures_by_type[code] ?? 0), 0);
    return rest > 0 ? [['(source or output)', code, formatCount(rest)]] : [];
  });
  return [...renderTable([{ title: 'failed at' }, { title: 'because' }, right('records')], [...rows, ...beside]), `syngraph failed ${execution.pipeline}/${execution.run_name} shows them`, ''];
}

function codeLine(codes: Record<string, number>): string[] {
  const entries = Object.entries(codes);
  return entries.length === 0 ? [] : [`answers: ${entries.map(([code, count]) => `${code} × ${formatCount(count)}`).join(', ')}`];
}

function reuseLine({ aggregate_statistics: { requests, cost, reused_from } }: RunMetadata): string[] {
  if (requests.total_reused === 0) return [];
  const runs = Object.entries(reused_from).map(([run, count]) => `${formatCount(count)} of ${run}`).join(', ');
  return [`reused: ${formatCount(requests.total_reused)} answers (${runs}), which saved ${costOrUnknown(cost.saved_cost_usd)}`];
}
