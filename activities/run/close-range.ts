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
import type { Store } from '../store/store.ts';
import { readPartMetrics } from './read-part-metrics.ts';
import { manifestKey, partKey, wholeParts, type PartFooter, type RangeManifest } from './range-files.ts';
import type { RunContext } from './run-context.ts';

/** Writes down which parts of a range were accepted; the merge and a resumed run go by it. */
export async function closeRange(dependencies: ActivityDependencies, run: RunContext, input: CloseRangeInput): Promise<RecordCounts> {
  const { store } = dependencies;
  const earlier = await earlierResults(store, run.folder, input);
  const batches = [...input.batches, ...earlier].sort((left, right) => left.batch - right.batch);
  const manifest: RangeManifest = {
    counts: batches.reduce((sum, batch) => addCounts(sum, batch.counts), emptyCounts()),
    batches: batches.map(({ batch, part }) => ({ batch, part })),
    nodes: run.plan.nodes.map((_, node) =>
      batches.reduce((sum, batch) => addStatistics(sum, batch.nodes[node] ?? emptyStatistics()), emptyStatistics()),
    ),
  };
  const sums = new Map<number, NodeMetrics>();
  const metrics = await Promise.all(batches.map(({ part }) => readPartMetrics(store, partKey(run.folder, input.range, part))));
  for (const one of metrics) mergeMetrics(sums, one);
  manifest.metrics = [...sums.values()];
  await store.write(manifestKey(run.folder, input.range), JSON.stringify(manifest));
  await run.live.flush();
  return manifest.counts;
}

async function earlierResults(store: Store, folder: string, input: CloseRangeInput): Promise<BatchResult[]> {
  if (input.finishedBatches.length === 0) return [];
  const parts = await wholeParts(store, folder, input.range);
  return Promise.all(
    input.finishedBatches.map(async (batch) => {
      const part = parts.get(batch);
      if (part === undefined) throw gone(store, `the part of batch ${batch} of range ${input.range}`);
      return readPart(store, folder, { range: input.range, part });
    }),
  );
}

/** What a part says of its batch. */
export async function readPart(store: Store, folder: string, { range, part }: { range: number; part: string }): Promise<BatchResult> {
  const key = partKey(folder, range, part);
  const content = await store.read(key);
  if (content === null) throw gone(store, key);
  const text = content.toString('utf8').trimEnd();
  const { footer } = JSON.parse(text.slice(text.lastIndexOf('\n') + 1)) as PartFooter;
  return { ...footer, part };
}

function gone(store: Store, what: string): SyngraphError {
  return new SyngraphError({ code: 'STORE_INVALID', message: `${what} was written, but is gone from ${store.location}` });
}
