import { decodeRecords } from '../../pipeline/encode-records.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { FailedRecordReport, FinishBatchInput, FinishedBatch } from '../../pipeline/run-contract.ts';
import type { RecordCounts } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { applyHistory, type BatchData, type BatchKey, type SourceRecord } from '../nodes/batch-data.ts';
import type { NodeResultFile, RecordFailure } from '../nodes/node-result.ts';
import { makeRows, type RowsOutcome } from './make-rows.ts';
import { partKey, partName, type PartFooter } from './range-files.ts';
import type { RunContext } from './run-context.ts';

/** Characters of a state, prompt or answer that a failed record's workflow shows. */
const CLIP = 2_000;

/** A line of the failed-records file. */
export interface FailedRecord extends RecordFailure {
  id: string;
  ordinal: number;
  /** State when the record failed. */
  state: JsonObject;
}

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
  const sources = await data.records(batch);
  const failures = await collectFailures(options, batch);
  const states = await finishedStates(options, batch);
  for (const position of failures.keys()) states.delete(position);

  const outcomes = await makeRows({ dependencies, run, records: [...states].map(([position, state]) => ({ source: sourceAt(sources, position), state })) });
  const counts: RecordCounts = { written: 0, failed: 0, filtered: 0, cancelled: 0, rows: 0 };
  const lines: string[] = [];
  const written = new Map([...states.keys()].map((position, index) => [position, outcomes[index]]));
  for (const position of [...written.keys()].sort((left, right) => left - right)) {
    const outcome = written.get(position);
    if (outcome === undefined) continue;
    noteRows({ outcome, position, source: sourceAt(sources, position), state: states.get(position) ?? {}, lines, counts, failures });
  }
  const failed = [...failures].sort(([left], [right]) => left - right).map(([position, failure]) => failedRecord(sourceAt(sources, position), failure));
  counts.failed = failed.length;
  counts.cancelled = input.records - counts.written - counts.filtered - counts.failed;
  for (const record of failed) lines.push(`${JSON.stringify(record)}\n`);
  const footer: PartFooter = { footer: { batch: input.batch, counts, nodes: input.nodes } };
  lines.push(`${JSON.stringify(footer)}\n`);

  const part = partName({ batch: input.batch, attempt, partial: counts.cancelled > 0 });
  await dependencies.store.write(partKey(run.folder, input.range, part), lines.join(''));
  data.forget(batch);
  return { part, counts, failed: failed.slice(0, input.recordWorkflows).map(report) };
}

type FailureWithState = RecordFailure & { state: JsonObject };

async function collectFailures(options: FinishBatchOptions, batch: BatchKey): Promise<Map<number, FailureWithState>> {
  const { run, data, input } = options;
  const sources = await data.records(batch);
  const failures = new Map<number, FailureWithState>();
  for (const name of input.failedIn) {
    const result = await data.result(batch, name);
    for (const [position, failure] of result.failures) {
      if (!failures.has(position)) failures.set(position, { ...failure, state: failure.state ?? sourceAt(sources, position).row });
    }
  }
  for (const group of input.overVisited) {
    const node = run.plan.nodes[group.node]?.name ?? 'START';
    const message = `the record came to ${node} more than ${run.plan.walk.maxVisits} times; raise graph_properties.max_visits if its loop needs more`;
    const history = await Promise.all(group.history.map((name) => data.result(batch, name)));
    for (const position of decodeRecords(group.records)) {
      const state = applyHistory(sourceAt(sources, position).row, position, history);
      failures.set(position, { node, code: 'TOO_MANY_VISITS', message, attempts: run.plan.walk.maxVisits, prompt: null, answer: null, state });
    }
  }
  return failures;
}

async function finishedStates(options: FinishBatchOptions, batch: BatchKey): Promise<Map<number, JsonObject>> {
  const { data, input } = options;
  const sources = await data.records(batch);
  const states = new Map<number, JsonObject>();
  for (const group of input.finished) {
    const history: NodeResultFile[] = await Promise.all(group.history.map((name) => data.result(batch, name)));
    for (const position of decodeRecords(group.records)) states.set(position, applyHistory(sourceAt(sources, position).row, position, history));
  }
  return states;
}

function noteRows(options: {
  outcome: RowsOutcome;
  position: number;
  source: SourceRecord;
  state: JsonObject;
  lines: string[];
  counts: RecordCounts;
  failures: Map<number, FailureWithState>;
}): void {
  const { outcome, position, source, state, lines, counts, failures } = options;
  if ('failure' in outcome) {
    failures.set(position, { ...outcome.failure, state });
    return;
  }
  if (outcome.rows.length === 0) counts.filtered += 1;
  else counts.written += 1;
  counts.rows += outcome.rows.length;
  for (const row of outcome.rows) lines.push(`[${source.ordinal},${JSON.stringify(row)}]\n`);
}

function sourceAt(sources: SourceRecord[], position: number): SourceRecord {
  const source = sources[position];
  if (source === undefined) throw new RangeError(`the batch has no record ${position}`);
  return source;
}

/** In the order in which a person reads a line of the file: who, where, why, then the contents. */
function failedRecord({ id, ordinal }: SourceRecord, failure: FailureWithState): FailedRecord {
  const { node, code, message, attempts, prompt, answer, state } = failure;
  return { id, ordinal, node, code, message, attempts, prompt, answer, state };
}

function report(record: FailedRecord): FailedRecordReport {
  const { id, ordinal, node, code, message, attempts, state, prompt, answer } = record;
  return {
    id: clip(id), ordinal, node, code, message: clip(message), attempts,
    state: clip(JSON.stringify(state, null, 1)), prompt: prompt && clip(prompt), answer: answer && clip(answer),
  };
}

function clip(text: string): string {
  return text.length <= CLIP ? text : `${text.slice(0, CLIP)}… (${text.length} characters; whole in the failed-records file)`;
}
