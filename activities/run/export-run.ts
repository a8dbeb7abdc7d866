import type { JsonObject } from '../../pipeline/json.ts';
import type { FileFormat, Plan } from '../../pipeline/plan.ts';
import { emptyCounts } from '../../pipeline/run-statistics.ts';
import { writeOutput } from '../data/write-output.ts';
import { loadPlan } from '../planning/load-plan.ts';
import type { Store } from '../store/store.ts';
import { firstOf, parseRows } from './merge-run.ts';
import { createMediaPlacer, createMediaSource } from './place-media.ts';
import { isPartialPart, partKey, wholeParts } from './range-files.ts';
import { retriesOf } from './retry/retries-of-run.ts';
import { failedLines, rowLines, type RunLayer } from './retry/run-with-retries.ts';
import { rowsOfSink } from './rows-of-sink.ts';
import { runFolder, type RunDescription } from './run-files.ts';
import { readRanges, type RangeOfRun } from './run-parts.ts';

export interface ExportedRun {
  rows: number;
  failed: number;
  /** Batches whose records are in it, of those that are staged so far. */
  batches: { finished: number; staged: number };
}

/**
 * Writes what a run has so far, in input order, whether it is going on, was killed, or has ended:
 * the records of every batch that is finished, those of its retries in their places. Only reads what
 * the run has written: parts never change once they are there, so the file is the run at one moment.
 * @throws SyngraphError SINK_FAILED, DISK_FULL, STORE_INVALID
 */
export async function exportRun(store: Store, { description, output }: { description: RunDescription; output: { path: string; format: FileFormat } }): Promise<ExportedRun> {
  const { reference } = description;
  const plan: Plan = await loadPlan(store, reference.planHash);
  const run = await layerSoFar(store, runFolder(reference));
  const retries = await Promise.all((await retriesOf(store, reference)).map((retry) => layerSoFar(store, runFolder(retry.reference))));
  // The file is for whoever reads the run's first sink.
  const sink = description.outputs[0] ?? {};
  const rows = (): AsyncIterable<JsonObject> =>
    rowsOfSink(parseRows(firstOf(rowLines(store, run, retries), plan.target?.records ?? Infinity)), sink, plan.sinks);
  const media = createMediaPlacer(store, output.path);
  const isWhole = output.format === 'parquet';
  const written = await writeOutput({ ...output, encoding: 'utf-8', rows: isWhole ? rows : () => media.rows(rows()), ...(isWhole ? { media: createMediaSource(store) } : {}) });
  let failed = 0;
  for await (const lines of failedLines(store, run, retries)) failed += lines.length;
  return {
    rows: written.rows,
    failed,
    batches: {
      finished: run.ranges.reduce((sum, { manifest }) => sum + (manifest?.batches.length ?? 0), 0),
      staged: run.ranges.reduce((sum, { index }) => sum + Math.ceil(index.records / Math.max(1, index.batchSize)), 0),
    },
  };
}

async function layerSoFar(store: Store, folder: string): Promise<RunLayer> {
  const ranges = await readRanges(store, folder);
  return { folder, ranges: await Promise.all(ranges.map((range, number) => rangeSoFar(store, { folder, range, number }))) };
}

/** Whole parts as they lie there; of other batches what a cancelled execution has left, if it has. */
async function rangeSoFar(store: Store, { folder, range, number }: { folder: string; range: RangeOfRun; number: number }): Promise<RangeOfRun> {
  const parts = await wholeParts(store, folder, number);
  for (const { batch, part } of range.manifest?.batches ?? []) if (!parts.has(batch)) parts.set(batch, part);
  const prefix = partKey(folder, number, '');
  for (const key of (await store.list(prefix)).sort().reverse()) {
    const part = key.slice(prefix.length);
    const batch = Number.parseInt(part, 10);
    if (isPartialPart(part) && !parts.has(batch)) parts.set(batch, part);
  }
  const batches = [...parts].sort(([left], [right]) => left - right).map(([batch, part]) => ({ batch, part }));
  return { index: range.index, manifest: { ...(range.manifest ?? { counts: NOTHING, nodes: [] }), batches } };
}

const NOTHING = emptyCounts();
