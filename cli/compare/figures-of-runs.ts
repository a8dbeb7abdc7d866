import type { QualityReport } from '../../analysis/quality-tally.ts';
import type { RunMetadata } from '../../pipeline/metrics/run-metadata.ts';

/** One figure of both runs. */
export interface ComparedFigure {
  group: string;
  title: string;
  unit: 'count' | 'dollars' | 'seconds' | 'rate' | 'share' | 'score';
  /** null: unknown, or there is none. */
  values: [number | null, number | null];
}

type Read = (metadata: RunMetadata) => number | null;

const FIGURES: [group: string, title: string, unit: ComparedFigure['unit'], read: Read][] = [
  ['records', 'of the source', 'count', (run) => run.aggregate_statistics.records.total],
  ['records', 'rows', 'count', (run) => run.aggregate_statistics.records.rows],
  ['records', 'written', 'count', (run) => run.aggregate_statistics.records.written],
  ['records', 'failed', 'count', (run) => run.aggregate_statistics.records.failed],
  ['records', 'filtered', 'count', (run) => run.aggregate_statistics.records.filtered],
  ['calls', 'answered', 'count', (run) => run.aggregate_statistics.requests.total_requests - run.aggregate_statistics.requests.total_failures],
  ['calls', 'failed', 'count', (run) => run.aggregate_statistics.requests.total_failures],
  ['calls', 'reused', 'count', (run) => run.aggregate_statistics.requests.total_reused],
  ['tokens', 'in', 'count', (run) => run.aggregate_statistics.tokens.total_prompt_tokens],
  ['tokens', 'out', 'count', (run) => run.aggregate_statistics.tokens.total_completion_tokens],
  ['cost', 'in all', 'dollars', (run) => run.aggregate_statistics.cost.total_cost_usd],
  ['cost', 'a record', 'dollars', (run) => run.aggregate_statistics.cost.average_cost_per_record],
  ['cost', 'saved by reuse', 'dollars', (run) => run.aggregate_statistics.cost.saved_cost_usd],
  ['latency', 'p50', 'seconds', (run) => run.aggregate_statistics.latency_statistics.p50],
  ['latency', 'p95', 'seconds', (run) => run.aggregate_statistics.latency_statistics.p95],
  ['latency', 'p99', 'seconds', (run) => run.aggregate_statistics.latency_statistics.p99],
  ['time', 'duration', 'seconds', (run) => run.execution.timing.duration_seconds],
  ['time', 'records a second', 'rate', (run) => run.aggregate_statistics.throughput.records_per_second],
];

export function figuresOfRuns(first: RunMetadata, second: RunMetadata): ComparedFigure[] {
  const nodes = [...new Set([...Object.keys(first.nodes), ...Object.keys(second.nodes)])];
  const ofNode = (node: string, title: string, unit: ComparedFigure['unit'], read: (of: RunMetadata['nodes'][string]) => number | null): ComparedFigure => {
    const value = (run: RunMetadata): number | null => {
      const found = run.nodes[node];
      return found === undefined ? null : read(found);
    };
    return { group: `node ${node}`, title, unit, values: [value(first), value(second)] };
  };
  return [
    ...FIGURES.map(([group, title, unit, read]): ComparedFigure => ({ group, title, unit, values: [read(first), read(second)] })),
    ...nodes.flatMap((node) => [
      ofNode(node, 'records', 'count', (of) => of.total_executions),
      ofNode(node, 'failed', 'count', (of) => of.total_failures),
      ofNode(node, 'cost', 'dollars', (of) => of.cost?.total_cost_usd ?? null),
      ofNode(node, 'p95', 'seconds', (of) => of.latency_statistics.p95),
    ].filter(({ values }) => values.some((value) => value !== null))),
  ];
}

/** Empty where neither run's rows have quality tags. */
export function figuresOfQuality(first: QualityReport | null, second: QualityReport | null): ComparedFigure[] {
  if (first === null && second === null) return [];
  const share = (report: QualityReport | null): number | null => {
    const tagged = (report?.accepted ?? 0) + (report?.rejected ?? 0);
    return report === null || tagged === 0 ? null : report.accepted / tagged;
  };
  const titles = new Map([...(first?.metrics ?? []), ...(second?.metrics ?? [])].map(({ key, title }) => [key, title]));
  const mean = (report: QualityReport | null, key: string): number | null => report?.metrics.find((metric) => metric.key === key)?.all.mean ?? null;
  return [
    { group: 'quality', title: 'passed the rules', unit: 'share', values: [share(first), share(second)] },
    ...[...titles].map(([key, title]): ComparedFigure => ({ group: 'quality', title: `${title}, mean`, unit: 'score', values: [mean(first, key), mean(second, key)] })),
  ];
}
