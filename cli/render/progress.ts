import type { RunProgress } from '../../pipeline/run-contract.ts';
import type { LiveTotals } from '../runs/read-live.ts';
import type { Colours } from '../terminal.ts';
import { formatCost, formatCount, formatDuration, formatRate, printable } from './format.ts';
import { renderTable } from './table.ts';

/** A run at one moment, as it is shown. */
export interface RunView {
  name: string;
  progress: RunProgress | null;
  live: LiveTotals;
  /** Records that have come to their end in any way, of open batches too where that can be told. */
  finished: number;
  elapsedSeconds: number;
  /** Records finished per second over the last while; null before any. */
  recordsPerSecond: number | null;
  callsPerSecond: number;
}

export interface ViewTotals {
  failed: number;
  /** null while the source is still being staged. */
  total: number | null;
  staged: number;
  tokens: number;
  cost: number | null;
  reused: number;
  calls: number;
  inFlight: number;
  queued: number;
}

/** Records of closed batches. */
export function closedRecords(progress: RunProgress | null): number {
  if (progress === null) return 0;
  const { written, failed, filtered, cancelled } = progress.counts;
  return written + failed + filtered + cancelled;
}

export function viewTotals({ progress, live }: Pick<RunView, 'progress' | 'live'>): ViewTotals {
  const nodes = Object.values(live.nodes);
  const models = Object.values(live.models);
  const sum = (values: number[]): number => values.reduce((left, right) => left + right, 0);
  const counts = progress?.counts;
  return {
    // A record fails in one node only, and is counted by its run when its batch closes: the larger one is newer.
    failed: Math.max(counts?.failed ?? 0, sum(nodes.map((node) => node.failed))),
    // A record that becomes several is as many to finish.
    total: progress?.stagedAll === true ? progress.staged + progress.counts.spawned : null,
    staged: progress?.staged ?? 0,
    tokens: sum(nodes.map((node) => node.promptTokens + node.completionTokens)),
    cost: nodes.some((node) => node.cost === null) ? null : sum(nodes.map((node) => node.cost ?? 0)),
    reused: sum(nodes.map((node) => node.reused)),
    calls: sum(nodes.map((node) => node.calls)),
    inFlight: sum(models.map((model) => model.inFlight)),
    queued: sum(models.map((model) => model.queued)),
  };
}

/** Seconds until the end at the rate of the last while; null where nothing can be said. */
export function secondsLeft(view: RunView): number | null {
  const { total } = viewTotals(view);
  if (total === null || view.recordsPerSecond === null || view.recordsPerSecond <= 0) return null;
  return Math.max(0, total - view.finished) / view.recordsPerSecond;
}

/** The block that a terminal shows and rewrites; no line is wider than `columns`. */
export function renderProgressBlock(view: RunView, { colours, columns }: { colours: Colours; columns: number }): string[] {
  const totals = viewTotals(view);
  const rows = Object.entries(view.live.nodes).map(([name, node]) => [
    `  ${printable(name, { oneLine: true, most: 32 })}`,
    formatCount(node.records),
    formatCount(node.failed),
    formatCount(node.reused),
    formatCount(node.inFlight),
  ]);
  const table = renderTable(
    [{ title: '  node' }, { title: 'done', align: 'right' }, { title: 'failed', align: 'right' }, { title: 'reused', align: 'right' }, { title: 'in flight', align: 'right' }],
    rows,
  );
  const cut = (line: string): string => (line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line);
  return [
    colours.bold(cut(`${view.name}  ${headline(view, totals)}`)),
    ...(rows.length === 0 ? [] : table.map((line, index) => (index === 0 ? colours.dim(cut(line)) : cut(line)))),
    cut(`  ${details(view, totals)}`),
    ...waitingReasons(view).map((reason) => colours.yellow(cut(`  waiting: ${reason}`))),
  ];
}

/** One line for logs and pipes. */
export function renderProgressLine(view: RunView): string {
  const totals = viewTotals(view);
  const waiting = waitingReasons(view).map((reason) => `, waiting: ${reason}`).join('');
  return `${headline(view, totals)}, ${details(view, totals)}${waiting}`;
}

function waitingReasons(view: RunView): string[] {
  const reviews = view.progress?.reviews ?? 0;
  const forHumans = reviews === 0 ? [] : [`${formatCount(reviews)} ${reviews === 1 ? 'record' : 'records'} for a human: syngraph review ${view.name}`];
  const byHand = view.progress?.pause ?? null;
  const paused = byHand === null ? [] : [`${printable(byHand.message, { oneLine: true })}; syngraph resume ${view.name} lets it go on`];
  return [...paused, ...forHumans, ...view.live.waiting.map((reason) => printable(reason, { oneLine: true }))];
}

function headline(view: RunView, { failed, total, staged }: ViewTotals): string {
  if (view.progress === null) return `starting, ${formatDuration(view.elapsedSeconds)}`;
  const { finished } = view;
  if (total === null && staged === 0) return 'reading the source';
  const of = total === null ? `${formatCount(staged)}+` : formatCount(total);
  const share = total === null || total === 0 ? '' : ` (${Math.floor((100 * finished) / total)} %)`;
  const merging = view.progress.status === 'merging' ? ', writing the output' : '';
  return `${formatCount(finished)} of ${of} records${share}${failed > 0 ? `, ${formatCount(failed)} failed` : ''}${waitingPart(view.progress)}${merging}`;
}

/** Records that have come as far as they can for now. */
function waitingPart({ waiting = 0 }: RunProgress): string {
  return waiting > 0 ? `, ${formatCount(waiting)} waiting` : '';
}

function details(view: RunView, totals: ViewTotals): string {
  const left = secondsLeft(view);
  return [
    view.recordsPerSecond === null ? '' : `${formatRate(view.recordsPerSecond)} records`,
    `${formatRate(view.callsPerSecond)} calls`,
    `${formatCount(totals.inFlight)} in flight`,
    totals.queued > 0 ? `${formatCount(totals.queued)} queued` : '',
    totals.reused > 0 ? `${formatCount(totals.reused)} reused` : '',
    `${formatCount(totals.tokens)} tokens`,
    totals.cost === null || totals.cost === 0 ? '' : formatCost(totals.cost),
    formatDuration(view.elapsedSeconds),
    left === null || view.progress?.status === 'merging' ? '' : `${formatDuration(left)} left`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
