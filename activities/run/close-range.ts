import { SyngraphError } from '../../pipeline/errors.ts';
import { mergeMetrics, type NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import type { BatchResult, CloseRangeInput } from '../../pipeline/run-contract.ts';
import {
  addCounts,
  addStatistics,
  emptyCounts,
  emptyStatistics,
  type RecordCounts,
} from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { readAhead } from '../store/read-ahead.ts';
import type { Store } from '../store/store.ts';
import { manifestKey, partKey, wholeParts, type RangeManifest } from './range-files.ts';
import { readPartFooter } from './read-part-footer.ts';
import type { RunContext } from './run-context.ts';

/** Footers that are read before their turn: a bucket takes some ten milliseconds for each. */
const FOOTERS_AHEAD = 8;

/**
 * Writes down which parts of a range were accepted; the merge and a resumed run go by it. Of the
 * parts only the ends are read, some at a time.
 */
export async function closeRange(dependencies: ActivityDependencies, run: RunContext, input: CloseRangeInput): Promise<RecordCounts> {
  const { store } = dependencies;
  const manifest: RangeManifest = { counts: emptyCounts(), batches: [], nodes: run.plan.nodes.map(emptyStatistics) };
  const metrics = new Map<number, NodeMetrics>();
  const closed = readAhead(await closedBatches(store, run.folder, input), {
    ahead: FOOTERS_AHEAD,
    read: ({ part }) => readPartFooter(store, partKey(run.folder, input.range, part)),
  });
  for await (const { key: { batch, part, result }, result: { footer, metrics: counted = [] } } of closed) {
    const { counts, nodes } = result ?? footer;
    manifest.counts = addCounts(manifest.counts, counts);
    manifest.batches.push({ batch, part });
    manifest.nodes = manifest.nodes.map((sum, node) => addStatistics(sum, nodes[node] ?? emptyStatistics()));
    mergeMetrics(metrics, counted);
  }
  manifest.metrics = [...metrics.values()];
  await store.write(manifestKey(run.folder, input.range), JSON.stringify(manifest));
  await run.live.flush();
  return manifest.counts;
}

interface ClosedBatch {
  batch: number;
  part: string;
  /** Absent: its part says it. */
  result?: BatchResult;
}

/** In batch order. */
async function closedBatches(store: Store, folder: string, { range, batches, finishedBatches }: CloseRangeInput): Promise<ClosedBatch[]> {
  const parts = finishedBatches.length === 0 ? new Map<number, string>() : await wholeParts(store, folder, range);
  const earlier = finishedBatches.map((batch): ClosedBatch => {
    const part = parts.get(batch);
    if (part !== undefined) return { batch, part };
    throw new SyngraphError({ code: 'STORE_INVALID', message: `the part of batch ${batch} of range ${range} was written, but is gone from ${store.location}` });
  });
  const now = batches.map((result): ClosedBatch => ({ batch: result.batch, part: result.part, result }));
  return [...now, ...earlier].sort((left, right) => left.batch - right.batch);
}

/** What a part says of its batch. */
export async function readPart(store: Store, folder: string, { range, part }: { range: number; part: string }): Promise<BatchResult> {
  return { ...(await readPartFooter(store, partKey(folder, range, part))).footer, part };
}
