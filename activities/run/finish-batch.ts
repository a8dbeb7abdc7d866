import { decodeRecords } from '../../pipeline/encode-records.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { matchesWhere } from '../../pipeline/matches-where.ts';
import { mergeMetrics, type NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import type { FailedRecordReport, FinishBatchInput, FinishedBatch } from '../../pipeline/run-contract.ts';
import { emptyCounts, type RecordCounts } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { createRedactor } from '../models/redact-secrets.ts';
import type { BatchData, BatchKey } from '../nodes/batch-data.ts';
import type { NodeResultFile } from '../nodes/node-result.ts';
import { comparePaths, recordState, type RecordState } from '../nodes/record-state.ts';
import { collectFailures, placeOf, type BatchFailure } from './batch-failures.ts';
import type { FailedRecord } from './failed-record.ts';
import { makeRows, type RowsOutcome } from './make-rows.ts';
import { partKey, partName, type PartFooter } from './range-files.ts';
import { reportFailedRecord } from './report-failed-record.ts';
import { withProvenance } from './provenance.ts';
import type { RunContext } from './run-context.ts';

export interface FinishBatchOptions {
  dependencies: ActivityDependencies;
  run: RunContext;
  data: BatchData;
  input: FinishBatchInput;
  attempt: string;
}

/** Makes the rows of a batch, checks them, and writes them with the failed records as one part. */
export async function finishBatch(options: FinishBatchOptions): Promise<FinishedBatch> {
  const { dependencies, run, data, input, attempt } = options;
  const batch: BatchKey = { folder: run.folder, range: input.range, batch: input.batch };
  const failures = await collectFailures(options, batch);
  const failedPositions = new Set(failures.map((failure) => failure.position));
  const finished = await finishedRecords(options, { batch, failed: failedPositions });
  const outcomes = withProvenance(run, finished, acceptRows(run, finished, await makeRows({ dependencies, run, records: finished })));
  // A record that one branch has taken out and another one has failed counts as failed.
  const beside = decodeRecords(input.filteredBeside ?? '').filter((position) => !failedPositions.has(position));
  const counts: RecordCounts = { ...emptyCounts(), filtered: input.filtered + beside.length, spawned: input.spawned };
  const lines: string[] = [];
  finished.forEach((record, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) return;
    if ('failure' in outcome) failures.push({ ...placeOf(record), failure: { ...outcome.failure, state: record.state } });
    else noteRows({ rows: outcome.rows, ordinal: record.source.ordinal, lines, counts });
  });
  failures.sort((left, right) => comparePaths(left.path, right.path));
  const failed = failures.map(failedRecord);
  counts.failed = failed.length;
  counts.cancelled = input.records + counts.spawned - counts.written - counts.filtered - counts.failed;
  for (const record of failed) lines.push(`${JSON.stringify(record)}\n`);
  const footer: PartFooter = { footer: { batch: input.batch, counts, nodes: input.nodes }, metrics: await acceptedMetrics(options, batch), accepted: input.accepted ?? [] };
  lines.push(`${JSON.stringify(footer)}\n`);

  const part = partName({ batch: input.batch, attempt, partial: counts.cancelled > 0 });
  await dependencies.store.write(partKey(run.folder, input.range, part), lines.join(''));
  const reports = await reportFailures(options, batch, failures.slice(0, input.recordWorkflows));
  data.forget(batch);
  return { part, counts, failed: reports };
}

/** What the accepted activities of the batch counted: each result says it of its own. */
async function acceptedMetrics({ data, input }: FinishBatchOptions, batch: BatchKey): Promise<NodeMetrics[]> {
  const sums = new Map<number, NodeMetrics>();
  for (const name of input.accepted ?? []) {
    const { metrics } = await data.result(batch, name);
    if (metrics !== undefined) mergeMetrics(sums, [metrics]);
  }
  return [...sums.values()];
}

interface Finished extends RecordState {
  position: number;
  history: readonly NodeResultFile[];
}

async function finishedRecords({ data, input }: FinishBatchOptions, { batch, failed }: { batch: BatchKey; failed: ReadonlySet<number> }): Promise<Finished[]> {
  const sources = await data.records(batch);
  const records: Finished[] = [];
  for (const group of input.finished) {
    const history = await Promise.all(group.history.map((name) => data.result(batch, name)));
    for (const position of decodeRecords(group.records)) {
      // A parallel branch of a record may have ended although another one failed.
      if (!failed.has(position)) records.push({ position, history, ...recordState(sources, position, history) });
    }
  }
  return records.sort((left, right) => comparePaths(left.path, right.path));
}

/** Candidates that the target does not accept make no row. */
function acceptRows(run: RunContext, records: Finished[], outcomes: RowsOutcome[]): RowsOutcome[] {
  const { target } = run.plan;
  if (target === null) return outcomes;
  return outcomes.map((outcome, index) => ('failure' in outcome || matchesWhere(target.where, records[index]?.state ?? {}) ? outcome : { rows: [] }));
}

function noteRows({ rows, ordinal, lines, counts }: { rows: JsonObject[]; ordinal: number; lines: string[]; counts: RecordCounts }): void {
  if (rows.length === 0) counts.filtered += 1;
  else counts.written += 1;
  counts.rows += rows.length;
  for (const row of rows) lines.push(`[${ordinal},${JSON.stringify(row)}]\n`);
}

async function reportFailures({ dependencies, run, data }: FinishBatchOptions, batch: BatchKey, failures: BatchFailure[]): Promise<FailedRecordReport[]> {
  if (failures.length === 0) return [];
  const sources = await data.records(batch);
  const redact = createRedactor(dependencies.environment);
  const file = run.description.failedRecords;
  return failures.map((failure) => reportFailedRecord({ record: failedRecord(failure), input: sources[failure.path[0] ?? -1]?.row ?? null, file, redact }));
}

/** In the order in which a person reads a line of the file: who, where, why, then the contents. */
function failedRecord({ id, ordinal, failure }: BatchFailure): FailedRecord {
  const { node, code, message, stack, attempts, prompt, answer, state } = failure;
  return { id, ordinal, node, code, message, ...(stack === undefined ? {} : { stack }), attempts, prompt, answer, state };
}
