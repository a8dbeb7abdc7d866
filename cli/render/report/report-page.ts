import type { RunMetadata } from '../../../pipeline/metrics/run-metadata.ts';
import { formatCount, formatDuration, formatRate } from '../format.ts';
import { flowChart, type FlowBox, type FlowEdge } from '../html/flow-chart.ts';
import { barChart, figures, histogram, html, htmlPage, htmlTable, type Html, type HtmlColumn } from '../html/page.ts';
import { costOrUnknown, formatSeconds, percent } from './figures.ts';

const START = 'START';
const END = 'END';

/** The report of a run as a page of its own. */
export function reportPage(metadata: RunMetadata): string {
  const { execution, aggregate_statistics: all } = metadata;
  const sections = [
    { title: 'Summary', body: summary(metadata) },
    { title: 'Flow of records', body: flow(metadata) },
    ...(all.latency_statistics.count === 0 ? [] : [{ title: 'Latency', body: latency(metadata) }]),
    ...(all.requests.total_requests + all.requests.total_reused === 0 ? [] : [{ title: 'Tokens and cost', body: tokensAndCost(metadata) }, { title: 'Models', body: models(metadata) }]),
    { title: 'Nodes', body: nodes(metadata) },
    ...(all.records.failed + all.requests.total_failures === 0 ? [] : [{ title: 'Failures', body: failures(metadata) }]),
    { title: 'How it was made', body: origin(metadata) },
  ];
  return htmlPage({
    title: `${execution.pipeline}/${execution.run_name}`,
    subtitle: `${execution.status.replaceAll('_', ' ')}, ${execution.timing.start_time.slice(0, 19).replace('T', ' ')} UTC, ${formatDuration(execution.timing.duration_seconds)}`,
    sections,
  });
}

function summary({ execution, aggregate_statistics: all }: RunMetadata): Html[] {
  const { records, requests, cost, tokens } = all;
  return [
    figures([
      { label: 'rows written', value: formatCount(records.rows) },
      { label: 'records failed', value: formatCount(records.failed), note: percent(1 - all.records.success_rate) },
      { label: 'model calls', value: formatCount(requests.total_requests - requests.total_failures), ...(requests.total_reused === 0 ? {} : { note: `${formatCount(requests.total_reused)} more reused` }) },
      { label: 'tokens', value: formatCount(tokens.total_tokens) },
      { label: 'cost', value: costOrUnknown(cost.total_cost_usd), ...(cost.saved_cost_usd === 0 ? {} : { note: `${costOrUnknown(cost.saved_cost_usd)} saved by reuse` }) },
      { label: 'throughput', value: formatRate(all.throughput.records_per_second) },
    ]),
    ...(execution.simulated_models.length === 0 ? [] : [html`<p class="bad">The answers of ${execution.simulated_models.join(', ')} are simulated.</p>`]),
  ];
}

/** Nodes within subgraphs are in the table alone. */
function flow({ execution, nodes: all, start, aggregate_statistics: { records } }: RunMetadata): Html {
  const shown = Object.values(all).filter((node) => !node.node_name.includes('/') && node.total_executions > 0);
  const boxes: FlowBox[] = [
    { name: START, note: `${formatCount(records.total)} records` },
    ...shown.map(({ node_name, total_executions, total_failures }) => ({
      name: node_name, note: `${formatCount(total_executions)} records`, ...(total_failures === 0 ? {} : { bad: `${formatCount(total_failures)} failed` }),
    })),
    { name: END, note: `${formatCount(records.written)} written` },
  ];
  const edges: FlowEdge[] = [START, ...shown.map(({ node_name }) => node_name)].flatMap((from) =>
    Object.entries(from === START ? start : (all[from]?.records_to ?? {})).map(([to, count]) => ({ from, to, count })),
  );
  const retried = execution.retries.length === 0 ? null : html`<p class="muted">Nodes and arrows count every time that a record was tried, also by the retries ${execution.retries.join(', ')}.</p>`;
  return html`${flowChart({ title: 'Records from node to node', boxes, edges })}${retried}`;
}

function latency({ latency_histogram: bins, aggregate_statistics: { latency_statistics: all }, nodes: byName }: RunMetadata): Html {
  const asking = Object.values(byName).filter((node) => node.latency_statistics.count > 0);
  const marks = (['p50', 'p95', 'p99'] as const).flatMap((share) => (all[share] === null ? [] : [{ value: all[share], label: `${share} ${formatSeconds(all[share])}` }]));
  return html`<div class="charts">${histogram({
    title: 'Model calls by duration', note: `${formatCount(all.count)} calls, mean ${formatSeconds(all.mean)}`, scale: 'log', format: formatSeconds, thresholds: marks,
    bins: bins.map(({ up_to, count }, index) => ({ from: bins[index - 1]?.up_to ?? up_to / 1.27, to: up_to, count })),
  })}${barChart({
    title: '95 % of calls took less than', unit: 'by node',
    bars: asking.map(({ node_name, latency_statistics: { p50, p95 } }) => ({ label: node_name, value: p95 ?? 0, part: p50 ?? 0, note: `${formatSeconds(p95)}, half ${formatSeconds(p50)}` })),
  })}</div>`;
}

function tokensAndCost({ nodes: byName, models: byModel, aggregate_statistics: { cost } }: RunMetadata): Html[] {
  const asking = Object.values(byName).filter((node) => node.cost !== undefined);
  const priced = asking.filter((node) => (node.cost?.total_cost_usd ?? 0) > 0);
  return [
    html`<p class="key"><i class="first"></i>prompt<i class="second"></i>completion</p><div class="charts">${barChart({
      title: 'Tokens by node',
      bars: asking.map(({ node_name, token_statistics: tokens }) => ({
        label: node_name, value: tokens?.total_tokens ?? 0, part: tokens?.total_prompt_tokens ?? 0,
        note: `${formatCount(tokens?.total_prompt_tokens ?? 0)} + ${formatCount(tokens?.total_completion_tokens ?? 0)}`,
      })),
    })}${priced.length === 0 ? null : barChart({ title: 'Cost by node', unit: 'dollars', bars: priced.map(({ node_name, cost: own }) => ({ label: node_name, value: own?.total_cost_usd ?? 0, note: costOrUnknown(own?.total_cost_usd ?? null) })) })}</div>`,
    html`<p class="muted">List prices of ${cost.prices_date}, or those of models.yaml.${cost.models_without_price.length === 0 ? '' : ` No price is known of ${cost.models_without_price.join(', ')}.`}</p>`,
    ...(Object.keys(byModel).length < 2 ? [] : [barChart({ title: 'Tokens by model', bars: Object.values(byModel).map(({ model_name, token_statistics: tokens }) => ({ label: model_name, value: tokens.total_tokens, part: tokens.total_prompt_tokens })) })]),
  ];
}

const number = (title: string): HtmlColumn => ({ title, align: 'right' });

function models({ models: all }: RunMetadata): Html {
  const columns = [{ title: 'model' }, { title: 'answered by' }, ...['calls', 'failed', 'retried', 'reused', 'prompt tokens', 'cached', 'completion tokens', 'reasoning', 'p50', 'p95', 'p99', 'tokens/s', 'cost'].map(number)];
  return htmlTable(columns, Object.values(all).map(({ model_name, model_id, answered_by, performance: did, token_statistics: tokens, cost }) => [
    model_name, Object.keys(answered_by).join(', ') || model_id, formatCount(did.total_requests - did.total_failures), formatCount(did.total_failures), formatCount(did.total_retries), formatCount(did.total_reused),
    formatCount(tokens.total_prompt_tokens), formatCount(tokens.total_cached_tokens), formatCount(tokens.total_completion_tokens), formatCount(tokens.total_reasoning_tokens),
    formatSeconds(did.latency_statistics.p50), formatSeconds(did.latency_statistics.p95), formatSeconds(did.latency_statistics.p99),
    did.tokens_per_second === null ? '' : did.tokens_per_second.toFixed(1), costOrUnknown(cost.total_cost_usd),
  ]));
}

function nodes({ nodes: all }: RunMetadata): Html {
  const columns = [{ title: 'node' }, { title: 'kind' }, { title: 'models' }, ...['records', 'failed', 'calls', 'reused', 'tokens', 'cut off', 'refused', 'empty', 'cost'].map(number)];
  return htmlTable(columns, Object.values(all).map(({ node_name, node_type, models: asked, total_executions, total_failures, requests, token_statistics: tokens, answers, cost }) => [
    node_name, node_type, asked.join(', '), formatCount(total_executions), formatCount(total_failures), formatCount(requests.total_requests - requests.total_failures), formatCount(requests.total_reused),
    formatCount(tokens?.total_tokens ?? 0), formatCount(answers.truncated), formatCount(answers.refused), formatCount(answers.empty), cost === undefined ? '' : costOrUnknown(cost.total_cost_usd),
  ]));
}

function failures({ nodes: byName, aggregate_statistics: { failures_by_type, response_code_distribution: codes } }: RunMetadata): Html {
  const rows = Object.values(byName).flatMap(({ node_name, failures_by_type: own }) => Object.entries(own).map(([code, count]) => ({ label: `${node_name}: ${code}`, value: count })));
  const bad = Object.entries(codes).filter(([code]) => code !== '200');
  const byType = rows.length > 0 ? rows : Object.entries(failures_by_type).map(([label, value]) => ({ label, value }));
  return html`<div class="charts">${byType.length === 0 ? null : barChart({ title: 'Failed records', unit: 'by node and error', bars: byType })}${bad.length === 0 ? null : barChart({ title: 'Calls that failed', unit: 'by status or cause; most of them were made again', bars: bad.map(([label, value]) => ({ label, value })) })}</div>`;
}

function origin({ execution, dataset, aggregate_statistics: { reused_from } }: RunMetadata): Html {
  const { git, environment, timing } = execution;
  const rows: [string, string][] = [
    ['task', execution.task_name], ['plan', execution.plan_hash], ['seed', String(execution.seed)],
    ['commit', git === null ? 'none' : `${git.commit_hash}${git.branch === null ? '' : ` (${git.branch})`}${git.is_dirty ? ', with changes' : ''}`],
    ['source', dataset.source_path === null ? 'none' : `${dataset.source_path}, ${dataset.dataset_version === null ? 'sha256' : 'commit'} ${dataset.dataset_version ?? dataset.dataset_hash ?? ''}`],
    ['started, ended', `${timing.start_time}, ${timing.end_time}`],
    ['made with', `syngraph ${environment.syngraph_version}, Node ${environment.node_version}, ${environment.platform}`],
    ...(execution.retries.length === 0 ? [] : [['retries', execution.retries.join(', ')] as [string, string]]),
    ...Object.entries(reused_from).map(([run, count]): [string, string] => ['reused from', `${run}: ${formatCount(count)} answers`]),
    ...(execution.output === null ? [] : [['output', execution.output] as [string, string]]),
  ];
  return htmlTable([{ title: '' }, { title: '' }], rows);
}
