import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import type { MergeInput, RunSummary } from '../../pipeline/run-contract.ts';
import { writeWhole } from '../data/write-whole.ts';
import { writeOutput } from '../data/write-output.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { removeLocation } from '../store/locations.ts';
import { countFailures, type FailureCounts } from './metadata/count-failures.ts';
import { writeMetadata } from './metadata/write-metadata.ts';
import { writeOasst } from './oasst-output.ts';
import { createMediaPlacer, createMediaSource } from './place-media.ts';
import { postProcessRows } from './post-process-rows.ts';
import { pushOutput } from './push-output.ts';
import { redactFailedRecords } from './report-failed-record.ts';
import { retriedRun, type EndedRetry } from './retry/retried-run.ts';
import { failedLines, rowLines, type RunLayer } from './retry/run-with-retries.ts';
import { rowsOfSink } from './rows-of-sink.ts';
import type { RunContext } from './run-context.ts';
import { nodeStatistics, proveCounts, readRanges, type LineBlocks } from './run-parts.ts';

export interface MergeRunOptions {
  dependencies: ActivityDependencies;
  run: RunContext;
  input: MergeInput;
  signal: AbortSignal;
  /** The retry of the run that has just ended, if one has. */
  ended?: EndedRetry;
}

/** Joins the parts of a run and of its retries in input order into the output files, and proves that no record is missing. */
export async function mergeRun(options: MergeRunOptions): Promise<RunSummary> {
  const { dependencies, run, input, signal, ended = null } = options;
  const { store } = dependencies;
  const { description, plan } = run;
  const ranges = await readRanges(store, run.folder);
  const layer: RunLayer = { folder: run.folder, ranges };
  const retried = await retriedRun({ store, run, ended }, proveCounts(ranges, input.status));
  const { layers, counts: drawn } = retried;
  // A target's last wave may accept more than was wanted: candidates are drawn before their outcome is known.
  const mostRows = plan.target?.records ?? Infinity;
  const surplus = Math.max(0, drawn.rows - mostRows);
  // Where a record makes several rows, the last one taken may lack some: it counts as written like the others.
  const unneeded = drawn.rows === drawn.written ? surplus : 0;
  const counts = { ...drawn, rows: drawn.rows - surplus, written: drawn.written - unneeded, filtered: drawn.filtered + unneeded };
  const status = input.status === 'failed_records' && counts.failed === 0 ? 'done' : input.status;
  const lines = (): LineBlocks => firstOf(rowLines(store, layer, layers), mostRows);
  const rows = (): AsyncIterable<JsonObject> => parseRows(lines());
  const hasAliases = plan.sinks.some((sink) => sink.alias);
  const [first] = description.outputs;
  // The rules of quality read the rows as they are.
  const isReplaced = description.oasst?.intermediateWriting === false && description.quality !== true;
  const replaced = isReplaced ? first : undefined;
  for (const output of description.outputs) {
    if (output === replaced) continue;
    const media = createMediaPlacer(store, output.path);
    const isTurned = output.where !== undefined || (output.alias !== undefined && hasAliases);
    if (!isTurned && output.format === 'jsonl' && output.encoding === 'utf-8') {
      await writeLines(output.path, media.lines(lines()));
      continue;
    }
    const wanted = (): AsyncIterable<JsonObject> => (isTurned ? rowsOfSink(rows(), output, plan.sinks) : rows());
    if (output.format === 'parquet') await writeOutput({ ...output, rows: wanted, media: createMediaSource(store) });
    else await writeOutput({ ...output, rows: () => media.rows(wanted()) });
  }
  const media = createMediaPlacer(store, first?.path ?? '');
  const oasst = await writeOasst({ description, rows: () => media.rows(rowsOfSink(rows(), first ?? {}, plan.sinks)) });
  const failures: FailureCounts = {};
  const failed = (): LineBlocks => redactFailedRecords(countFailures(failedLines(store, layer, layers), failures), dependencies.environment);
  if (counts.failed > 0) await writeLines(description.failedRecords, failed());
  else await removeLocation(description.failedRecords);
  // An incomplete dataset must not replace what is on the Hub.
  if (status === 'done' || status === 'failed_records') {
    await postProcessRows({ dependencies, run, rows: () => media.rows(rows()) });
    await pushOutput({ dependencies, run, rows, signal });
  }
  const nodes = retried.addNodes(await nodeStatistics(store, { folder: run.folder, plan, ranges }));
  const summary: RunSummary = {
    status,
    output: (replaced === undefined ? first?.path : oasst?.output) ?? null,
    failedRecords: counts.failed > 0 ? description.failedRecords : null,
    counts,
    ...(plan.target === null ? {} : { target: { wanted: plan.target.records, accepted: counts.rows, candidates: counts.total } }),
    ...(oasst === null ? {} : { oasst }),
    ...(input.stop === undefined ? {} : { stop: input.stop }),
    nodes,
    ...retried.times,
  };
  await writeMetadata({ store, run, layer, layers, summary, failures });
  await store.write(`${run.folder}/summary.json`, JSON.stringify(summary, null, 2));
  return summary;
}

export async function* firstOf(blocks: LineBlocks, most: number): AsyncGenerator<string[]> {
  let left = most;
  for await (const lines of blocks) {
    if (left <= 0) return;
    yield lines.length <= left ? lines : lines.slice(0, left);
    left -= lines.length;
  }
}

export async function* parseRows(blocks: LineBlocks): AsyncGenerator<JsonObject> {
  for await (const lines of blocks) {
    for (const line of lines) {
      const row: unknown = JSON.parse(line);
      if (isJsonObject(row)) yield row;
    }
  }
}

/** Characters that are gathered before a write. */
const CHUNK = 256 * 1024;

async function writeLines(path: string, blocks: LineBlocks): Promise<void> {
  await writeWhole(path, async (file) => {
    let chunk = '';
    for await (const lines of blocks) {
      for (const line of lines) chunk += `${line}\n`;
      if (chunk.length < CHUNK) continue;
      await file.write(Buffer.from(chunk));
      chunk = '';
    }
    await file.write(Buffer.from(chunk));
  });
}
