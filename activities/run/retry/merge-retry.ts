import type { RunSummary } from '../../../pipeline/run-contract.ts';
import { mergeRun, type MergeRunOptions } from '../merge-run.ts';
import type { RunContext } from '../run-context.ts';
import { assertRetriesKept } from './assert-retries-kept.ts';
import { nodeStatistics, proveCounts, readRanges } from '../run-parts.ts';

/**
 * Brings what a retry has finished into the output of its run, which is written anew, and makes
 * the run's summary the sum of both. Doing it again changes nothing.
 */
export async function mergeRetry(options: MergeRunOptions & { original: RunContext }): Promise<RunSummary> {
  const { dependencies, run, original, input, signal } = options;
  const { store } = dependencies;
  const ranges = await readRanges(store, run.folder);
  const { reference, createdAt } = run.description;
  await assertRetriesKept(store, original.description.reference);
  const own: RunSummary = {
    status: input.status,
    output: null,
    failedRecords: null,
    counts: proveCounts(ranges, input.status),
    ...(input.stop === undefined ? {} : { stop: input.stop }),
    nodes: await nodeStatistics(store, { folder: run.folder, plan: run.plan, ranges }),
    seconds: (Date.now() - Date.parse(createdAt)) / 1000,
  };
  const merged = await mergeRun({
    dependencies,
    run: original,
    input: { run: original.description.reference, status: 'failed_records' },
    signal,
    ended: { run: reference.run, summary: own },
  });
  const { status, counts, output, failedRecords } = merged;
  const summary: RunSummary = { ...own, output, failedRecords, retryOf: { run: original.description.reference.run, status, counts } };
  // Last: it says that the next retry may begin.
  await store.write(`${run.folder}/summary.json`, JSON.stringify(summary, null, 2));
  return summary;
}
