import type { JsonObject } from '../../pipeline/json.ts';
import type { RoutePlan } from '../../pipeline/plan.ts';
import { MOST_CHILDREN } from '../../pipeline/run-contract.ts';
import { emptyResult, type NodeResultFile, type RecordFailure, type StateChange } from './node-result.ts';
import { failedOutcome, type NodeOutcome, type NodeWork, type RoutedOutcome, type RoutedRecord, type WorkRecord } from './node-work.ts';
import { applyChange } from './record-state.ts';
import { routeRecords } from './route-records.ts';

/** A record that goes on from here: itself, or what a record has become. */
interface Onward {
  position: number;
  record: WorkRecord;
  change: StateChange;
  /** Number among the children; null for the record itself. */
  number: number | null;
}

/** Decides where each record goes next, and gathers what the node's result file says of it. */
export async function routeOutcomes(options: {
  work: NodeWork;
  outcomes: NodeOutcome[];
  route: RoutePlan;
  /** Position of the first record that comes into being. */
  firstChild: number;
}): Promise<{ routed: RoutedOutcome[]; file: NodeResultFile }> {
  const { work, route, firstChild } = options;
  const outcomes = options.outcomes.map((outcome) => boundChildren(work, outcome));
  const onward = onwardRecords(work.records, outcomes, firstChild);
  const states = onward.map(({ record, change }) => (route.conditions.length === 0 ? record.state : changed(record.state, change)));
  const routes = await routeRecords({ work, plan: work.run.plan, route, states });
  const file = emptyResult();
  const routedOnward = onward.map((one, index): RoutedRecord => {
    const found = routes[index];
    if (found === undefined) return { kind: 'unfinished' };
    const { position, record, change, number } = one;
    if (number !== null) file.children.set(position, { parent: record.position, number });
    if ('targets' in found) {
      file.changes.set(position, change);
      return { kind: 'routed', targets: found.targets };
    }
    if (found.outcome.kind === 'failed') file.failures.set(position, withRecord(found.outcome.failure, one));
    return found.outcome as RoutedRecord;
  });
  let next = 0;
  const take = (): RoutedRecord => routedOnward[next++] ?? { kind: 'unfinished' };
  const routed = outcomes.map((outcome, index): RoutedOutcome => {
    if (outcome.kind === 'changed') return take();
    if (outcome.kind === 'split') return { kind: 'split', children: outcome.children.map(take) };
    const record = work.records[index];
    if (outcome.kind === 'failed' && record !== undefined) file.failures.set(record.position, withRecord(outcome.failure, { record, number: null }));
    return outcome;
  });
  return { routed, file };
}

function boundChildren(work: NodeWork, outcome: NodeOutcome): NodeOutcome {
  if (outcome.kind !== 'split' || outcome.children.length <= MOST_CHILDREN) return outcome;
  return failedOutcome(work, {
    code: 'OUTPUT_INVALID',
    message: `${work.name} makes ${outcome.children.length} records of one; at most ${MOST_CHILDREN} are possible`,
  });
}

function onwardRecords(records: WorkRecord[], outcomes: NodeOutcome[], firstChild: number): Onward[] {
  let next = firstChild;
  return outcomes.flatMap((outcome, index): Onward[] => {
    const record = records[index];
    if (record === undefined) return [];
    if (outcome.kind === 'changed') return [{ position: record.position, record, change: outcome.change, number: null }];
    if (outcome.kind !== 'split') return [];
    return outcome.children.map((change, number) => ({ position: next++, record, change, number }));
  });
}

function changed(state: JsonObject, change: StateChange): JsonObject {
  const after = { ...state };
  applyChange(after, change);
  return after;
}

/** A failed record is told by its position, but for those that are in no source. */
function withRecord(failure: RecordFailure, { record, number }: Pick<Onward, 'record' | 'number'>): RecordFailure {
  const { source, path, state } = record;
  if (number === null && path.length === 1) return { ...failure, state };
  const own = number === null ? [] : [number];
  return { ...failure, state, child: { id: [source.id, ...own].join(':'), ordinal: source.ordinal, path: [...path, ...own] } };
}
