import { decodeRecords } from '../../pipeline/encode-records.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { FinishBatchInput } from '../../pipeline/run-contract.ts';
import type { BatchData, BatchKey } from '../nodes/batch-data.ts';
import type { RecordFailure } from '../nodes/node-result.ts';
import { recordState, type RecordState } from '../nodes/record-state.ts';
import type { RunContext } from './run-context.ts';

/** A failed record of a batch, and its place among the others. */
export interface BatchFailure {
  position: number;
  id: string;
  ordinal: number;
  path: number[];
  failure: RecordFailure & { state: JsonObject };
}

/** What the results of a batch say of its failed records, and those that the walk itself failed. */
export async function collectFailures(
  options: { run: RunContext; data: BatchData; input: Pick<FinishBatchInput, 'failedIn' | 'overVisited'> },
  batch: BatchKey,
): Promise<BatchFailure[]> {
  const { run, data, input } = options;
  const sources = await data.records(batch);
  const failures = new Map<number, BatchFailure>();
  for (const name of input.failedIn) {
    const result = await data.result(batch, name);
    for (const [position, failure] of result.failures) {
      // Of a record that failed in two branches the first failure counts.
      if (failures.has(position)) continue;
      const source = sources[position];
      const place = failure.child ?? { id: source?.id ?? '', ordinal: source?.ordinal ?? 0, path: [position] };
      failures.set(position, { position, ...place, failure: { ...failure, state: failure.state ?? source?.row ?? {} } });
    }
  }
  for (const group of input.overVisited) {
    const node = run.plan.nodes[group.node]?.name ?? 'START';
    const attempts = run.plan.walk.maxVisits;
    const message = `the record came to ${node} more than ${attempts} times; raise graph_properties.max_visits if its loop needs more`;
    const history = await Promise.all(group.history.map((name) => data.result(batch, name)));
    for (const position of decodeRecords(group.records)) {
      const record = recordState(sources, position, history);
      const failure = { node, code: 'TOO_MANY_VISITS', message, attempts, prompt: null, answer: null, state: record.state };
      failures.set(position, { ...placeOf({ position, ...record }), failure });
    }
  }
  return [...failures.values()];
}

export function placeOf({ position, source, path }: RecordState & { position: number }): Omit<BatchFailure, 'failure'> {
  return { position, id: source.id, ordinal: source.ordinal, path };
}
