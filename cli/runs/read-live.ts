import { runFolder, type LiveCounters, type LiveNode } from '../../activities/run/run-files.ts';
import type { Store } from '../../activities/store/store.ts';
import { addStatistics, emptyStatistics, type NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { RunName } from './run-name.ts';

/** The counters of all workers of a run, summed: for showing, not for counting. */
export interface LiveTotals {
  /** By node, in the order in which nodes first did something. `records`: those answered of open batches too. */
  nodes: Record<string, NodeStatistics & { inFlight: number }>;
  models: Record<string, { inFlight: number; queued: number; window: number; overloaded: number }>;
  reusedFrom: Record<string, number>;
  waiting: string[];
}

/** A worker that has not written for so long is gone, and with it what it had in flight. */
const STALE_MILLISECONDS = 10_000;

export async function readLive(store: Store, run: RunName, now: number): Promise<LiveTotals> {
  return sumLive([...(await readWorkers(store, run)).values()], now);
}

/** The counters of each worker that has served the run, by their file. */
export async function readWorkers(store: Store, run: RunName): Promise<Map<string, LiveCounters>> {
  const files = await store.list(`${runFolder({ ...run })}/live`);
  const contents = await Promise.all(files.map(async (file) => [file, await store.read(file)] as const));
  return new Map(contents.flatMap(([file, content]) => (content === null ? [] : [[file, JSON.parse(content.toString('utf8')) as LiveCounters] as const])));
}

/** Where records enter is no node of the pipeline; its conditions are counted under this name. */
const START = 'START';

/** A node's records are counted when the whole batch is through; its answers, one a record, when they come. */
function settled({ records, calls, reused, replayed = 0, inFlight }: LiveNode, isStale: boolean): { records: number; inFlight: number } {
  const entered = records + (isStale ? 0 : Math.max(0, inFlight));
  const through = Math.min(entered, Math.max(records, calls + reused + replayed));
  return { records: through, inFlight: entered - through };
}

/** @param now epoch milliseconds */
export function sumLive(workers: readonly LiveCounters[], now: number): LiveTotals {
  const totals: LiveTotals = { nodes: {}, models: {}, reusedFrom: {}, waiting: [] };
  for (const worker of workers) {
    const isStale = now - Date.parse(worker.updatedAt) > STALE_MILLISECONDS;
    for (const [name, node] of Object.entries(worker.nodes)) {
      if (name === START) continue;
      const known = totals.nodes[name] ?? { ...emptyStatistics(), inFlight: 0 };
      const { records, inFlight } = settled(node, isStale);
      totals.nodes[name] = { ...addStatistics(known, { ...node, records }), inFlight: known.inFlight + inFlight };
    }
    for (const [run, count] of Object.entries(worker.reusedFrom)) totals.reusedFrom[run] = (totals.reusedFrom[run] ?? 0) + count;
    if (isStale) continue;
    for (const [name, model] of Object.entries(worker.models)) {
      const known = totals.models[name] ?? { inFlight: 0, queued: 0, window: 0, overloaded: 0 };
      totals.models[name] = {
        inFlight: known.inFlight + model.inFlight,
        queued: known.queued + model.queued,
        window: known.window + model.window,
        overloaded: known.overloaded + model.overloaded,
      };
    }
    if (worker.waiting !== null && !totals.waiting.includes(worker.waiting)) totals.waiting.push(worker.waiting);
  }
  return totals;
}
