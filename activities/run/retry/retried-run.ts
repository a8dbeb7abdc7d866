import type { RetrySummary, RunSummary } from '../../../pipeline/run-contract.ts';
import { addCounts, addStatistics, emptyStatistics, type NodeStatistics, type RecordCounts } from '../../../pipeline/run-statistics.ts';
import { readJson } from '../../store/read-json.ts';
import type { Store } from '../../store/store.ts';
import type { RunContext } from '../run-context.ts';
import { runFolder } from '../run-files.ts';
import { readRanges } from '../run-parts.ts';
import { retriesOf } from './retries-of-run.ts';
import { countsOfRetry, type RunLayer } from './run-with-retries.ts';

type Totals = RecordCounts & { total: number };

/** What the retries of a run make of what the run itself has done. */
export interface RetriedRun {
  /** In their order. */
  layers: RunLayer[];
  counts: Totals;
  times: Pick<RunSummary, 'seconds' | 'retries'>;
  addNodes(own: Record<string, NodeStatistics>): Record<string, NodeStatistics>;
}

/** A retry whose summary is not in the store yet. */
export interface EndedRetry {
  run: string;
  summary: RunSummary;
}

/** @param own counts of the run without its retries */
export async function retriedRun({ store, run, ended }: { store: Store; run: RunContext; ended: EndedRetry | null }, own: Totals): Promise<RetriedRun> {
  const sinceStart = (Date.now() - Date.parse(run.description.createdAt)) / 1000;
  const retries = await retriesOf(store, run.description.reference);
  if (retries.length === 0) return { layers: [], counts: own, times: { seconds: sinceStart }, addNodes: (nodes) => nodes };
  const layers: RunLayer[] = [];
  const summaries: RetrySummary[] = [];
  const nodes: Record<string, NodeStatistics>[] = [];
  let counts = own;
  for (const { reference } of retries) {
    const folder = runFolder(reference);
    const layer = { folder, ranges: await readRanges(store, folder) };
    layers.push(layer);
    counts = { ...addCounts(counts, await countsOfRetry(store, layer)), total: own.total };
    const summary = ended?.run === reference.run ? ended.summary : await readJson<RunSummary>(store, `${folder}/summary.json`);
    if (summary === null) continue;
    nodes.push(summary.nodes);
    summaries.push(summaryOf(summary, reference));
  }
  return {
    layers,
    counts,
    times: { seconds: (await secondsOfRun(store, run.folder, sinceStart)) + summaries.reduce((sum, { seconds }) => sum + seconds, 0), retries: summaries },
    addNodes: (before) => nodes.reduce(addByName, before),
  };
}

function summaryOf({ status, counts, nodes, seconds }: RunSummary, { run, planHash }: { run: string; planHash: string }): RetrySummary {
  return { run, status, planHash, counts, calls: Object.values(nodes).reduce((sum, { calls }) => sum + calls, 0), seconds };
}

/** The run itself, without its retries: what its summary said before. */
async function secondsOfRun(store: Store, folder: string, sinceStart: number): Promise<number> {
  const before = await readJson<RunSummary>(store, `${folder}/summary.json`);
  if (before === null) return sinceStart;
  return before.seconds - (before.retries ?? []).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** A mended pipeline may have other nodes; those of the run itself go first. */
function addByName(left: Record<string, NodeStatistics>, right: Record<string, NodeStatistics>): Record<string, NodeStatistics> {
  const sum = { ...left };
  for (const [name, statistics] of Object.entries(right)) sum[name] = addStatistics(sum[name] ?? emptyStatistics(), statistics);
  return sum;
}
