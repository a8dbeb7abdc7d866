import { rm } from 'node:fs/promises';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import type { MergeInput, RunSummary } from '../../pipeline/run-contract.ts';
import {
  addCounts,
  addStatistics,
  emptyCounts,
  emptyStatistics,
  type NodeStatistics,
  type RecordCounts,
} from '../../pipeline/run-statistics.ts';
import { TemporaryFile } from '../data/temporary-file.ts';
import { writeOutput } from '../data/write-output.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { decidingStatistics } from '../sets/set-decisions.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';
import { writeOasst } from './oasst-output.ts';
import { createMediaPlacer, createMediaSource } from './place-media.ts';
import { postProcessRows } from './post-process-rows.ts';
import { pushOutput } from './push-output.ts';
import { partKey, readManifest, type RangeManifest } from './range-files.ts';
import { rangeName } from './run-files.ts';
import { rowsOfSink } from './rows-of-sink.ts';
import type { RunContext } from './run-context.ts';
import type { StagedIndex } from './staged-range.ts';

/** Joins the parts in input order into the output files, and proves that no record is missing. */
export async function mergeRun(options: {
  dependencies: ActivityDependencies;
  run: RunContext;
  input: MergeInput;
  signal: AbortSignal;
}): Promise<RunSummary> {
  const { dependencies, run, input, signal } = options;
  const { store } = dependencies;
  const { description, plan } = run;
  const ranges = await readRanges(store, run.folder);
  const drawn = proveCounts(ranges, input);
  // A target's last wave may accept more than was wanted: candidates are drawn before their outcome is known.
  const mostRows = plan.target?.records ?? Infinity;
  const surplus = Math.max(0, drawn.rows - mostRows);
  // Where a record makes several rows, the last one taken may lack some: it counts as written like the others.
  const unneeded = drawn.rows === drawn.written ? surplus : 0;
  const counts = { ...drawn, rows: drawn.rows - surplus, written: drawn.written - unneeded, filtered: drawn.filtered + unneeded };
  const parts = ranges.flatMap(({ manifest }, range) => (manifest?.batches ?? []).map(({ part }) => partKey(run.folder, range, part)));
  const lines = (): AsyncIterable<string> => firstOf(partLines(store, parts, 'rows'), mostRows);
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
  if (counts.failed > 0) await writeLines(description.failedRecords, partLines(store, parts, 'failed'));
  else await rm(description.failedRecords, { force: true });
  // An incomplete dataset must not replace what is on the Hub.
  if (input.status === 'done' || input.status === 'failed_records') {
    await postProcessRows({ dependencies, run, rows: () => media.rows(rows()) });
    await pushOutput({ dependencies, run, rows, signal });
  }
  const nodes: Record<string, NodeStatistics> = {};
  for (const [index, node] of plan.nodes.entries()) {
    const outside = node.kind === 'set' && node.scope === 'run' ? await decidingStatistics(store, run.folder, node.name) : emptyStatistics();
    nodes[node.name] = ranges.reduce((sum, { manifest }) => addStatistics(sum, manifest?.nodes[index] ?? emptyStatistics()), outside);
  }
  const summary: RunSummary = {
    status: input.status,
    output: (replaced === undefined ? first?.path : oasst?.output) ?? null,
    failedRecords: counts.failed > 0 ? description.failedRecords : null,
    counts,
    ...(plan.target === null ? {} : { target: { wanted: plan.target.records, accepted: counts.rows, candidates: counts.total } }),
    ...(oasst === null ? {} : { oasst }),
    nodes,
    seconds: (Date.now() - Date.parse(description.createdAt)) / 1000,
  };
  await store.write(`${run.folder}/summary.json`, JSON.stringify(summary, null, 2));
  return summary;
}

async function readRanges(store: Store, folder: string): Promise<{ index: StagedIndex; manifest: RangeManifest | null }[]> {
  const ranges: { index: StagedIndex; manifest: RangeManifest | null }[] = [];
  for (;;) {
    const index = await readJson<StagedIndex>(store, `${folder}/source/${rangeName(ranges.length)}.json`);
    if (index === null) return ranges;
    ranges.push({ index, manifest: await readManifest(store, folder, ranges.length) });
  }
}

/** Every staged record ended in exactly one way. Ranges that a cancelled run never opened count as cancelled. */
function proveCounts(ranges: { index: StagedIndex; manifest: RangeManifest | null }[], input: MergeInput): RecordCounts & { total: number } {
  const total = ranges.reduce((sum, { index }) => sum + index.records, 0);
  const counts = ranges.reduce((sum, { manifest }) => addCounts(sum, manifest?.counts ?? emptyCounts()), emptyCounts());
  const missing = total + counts.spawned - counts.written - counts.failed - counts.filtered - counts.cancelled;
  const stopped = input.status === 'cancelled' || input.status === 'failed';
  if (missing !== 0 && !(stopped && missing > 0)) {
    throw new SyngraphError({ code: 'INTERNAL', message: `of ${total + counts.spawned} records, ${missing} are unaccounted for; the output was not written` });
  }
  return { ...counts, cancelled: counts.cancelled + missing, total };
}

async function* firstOf(lines: AsyncIterable<string>, most: number): AsyncGenerator<string> {
  let taken = 0;
  for await (const line of lines) {
    if (taken === most) return;
    taken += 1;
    yield line;
  }
}

async function* parseRows(lines: AsyncIterable<string>): AsyncGenerator<JsonObject> {
  for await (const line of lines) {
    const row: unknown = JSON.parse(line);
    if (isJsonObject(row)) yield row;
  }
}

/**
 * Lines of the parts, in order: rows without the ordinal before them, as the text they are, since
 * reading and writing JSON again would be most of the work; or failed records.
 */
async function* partLines(store: Store, parts: string[], kind: 'rows' | 'failed'): AsyncGenerator<string> {
  for (const part of parts) {
    const content = await store.read(part);
    if (content === null) throw new SyngraphError({ code: 'STORE_INVALID', message: `the part ${part} is gone from ${store.location}` });
    for (const line of content.toString('utf8').split('\n')) {
      if (kind === 'rows' && line.startsWith('[')) yield line.slice(line.indexOf(',') + 1, -1);
      else if (kind === 'failed' && line.startsWith('{') && !line.startsWith('{"footer":')) yield line;
    }
  }
}

/** Characters that are gathered before a write. */
const CHUNK = 256 * 1024;

async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const file = await TemporaryFile.create(path);
  try {
    let chunk = '';
    for await (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < CHUNK) continue;
      await file.write(Buffer.from(chunk));
      chunk = '';
    }
    await file.write(Buffer.from(chunk));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
