import { decodeRecords } from '../../pipeline/encode-records.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { NodePlan, Plan, RoutePlan } from '../../pipeline/plan.ts';
import { START_NODE, subgraphOfStart, type NodeResult, type PauseCause, type RunNodeInput } from '../../pipeline/run-contract.ts';
import { emptyStatistics, type NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { createMeter } from '../metrics/call-meter.ts';
import type { RunContext } from '../run/run-context.ts';
import { RunCapped } from '../run/steering/run-capped.ts';
import { assertSourceUnchanged } from '../run/assert-source-unchanged.ts';
import { batchFolder, type BatchData, type BatchKey } from './batch-data.ts';
import { encodeRoutes } from './encode-routes.ts';
import { enterAgain } from './enter-again.ts';
import { executeNode } from './execute-node.ts';
import { failedOutcome, type NodeOutcome, type NodeWork, type RoutedOutcome, type RoutedRecord, type WorkRecord } from './node-work.ts';
import { PauseRun } from './pause-run.ts';
import { recordState } from './record-state.ts';
import { routeOutcomes } from './route-outcomes.ts';

export interface RunNodeOptions {
  dependencies: ActivityDependencies;
  run: RunContext;
  data: BatchData;
  input: RunNodeInput;
  /** Unique among all attempts, in attempt order. */
  attempt: string;
  signal: AbortSignal;
  /** Throws where another worker may have taken the attempt over. */
  assertHeld: () => void;
}

/**
 * One node, or the conditions of START, over the records of a batch that are due there. Writes what
 * has changed as a file of this attempt's own and returns its name and where each record goes.
 * @throws PauseRun, ModelDown, SyngraphError
 */
export async function runNode(options: RunNodeOptions): Promise<NodeResult> {
  const { run, data, input } = options;
  const batch: BatchKey = { folder: run.folder, range: input.range, batch: input.batch };
  // Nothing is begun of a run that is paused; where it has come to its cap, what needs no call goes on.
  const hold = run.steering.hold(input.epoch);
  if (hold.reason instanceof PauseRun) throw hold.reason;
  const work = await collectWork(options, batch);
  if (input.groups.some((group) => group.history.length === 0)) await assertSourceUnchanged(run);
  run.live.enter(work.name, work.records.length);
  try {
    const outcomes = await execute(work, run.plan.nodes[input.node], hold);
    const stop = stopOf(hold, outcomes);
    const isEntered = input.node === START_NODE && run.description.retry?.from === 'node';
    const { routed, file } = isEntered ? enterAgain(work) : await routeOutcomes({ work, outcomes, route: routeOf(run.plan, input.node), firstChild: input.firstChild });
    noteOutcomes(work, routed);
    file.metrics = { node: input.node, to: countTargets(routed), ...work.meter.metrics() };
    file.answers = work.meter.answers;
    const result = `${input.prefix ?? ''}${String(input.sequence).padStart(4, '0')}-${options.attempt}`;
    await data.write(batch, { name: result, file });
    return { result, ...encodeRoutes(routed), statistics: work.statistics, ...(stop === null ? {} : { stop }) };
  } finally {
    run.live.enter(work.name, -work.records.length);
  }
}

/** Why records are unfinished, where it is because the run has come to its cap. */
function stopOf(hold: AbortSignal, outcomes: NodeOutcome[]): PauseCause | null {
  const isUnfinished = outcomes.some((outcome) => outcome.kind === 'unfinished');
  return isUnfinished && hold.reason instanceof RunCapped ? hold.reason.stopCause : null;
}

async function collectWork(options: RunNodeOptions, batch: BatchKey): Promise<NodeWork> {
  const { dependencies, run, data, input, attempt, signal, assertHeld } = options;
  const sources = await data.records(batch);
  const records: WorkRecord[] = [];
  for (const group of input.groups) {
    const history = await Promise.all(group.history.map((name) => data.result(batch, name)));
    for (const position of decodeRecords(group.records)) {
      records.push({ position, visit: group.visit, ...recordState(sources, position, history) });
    }
  }
  const statistics: NodeStatistics = { ...emptyStatistics(), records: records.length };
  const { sequence, phase, epoch } = input;
  return {
    dependencies, run, index: input.node, name: nameOf(run.plan, input.node), records, signal, assertHeld, statistics, meter: createMeter(dependencies.gateway),
    batch: { range: input.range, batch: input.batch }, journalFolder: batchFolder(batch, 'journal'), attempt: `${input.prefix ?? ''}${attempt}`, sequence, phase, epoch,
  };
}

function nameOf(plan: Plan, node: number): string {
  const outer = subgraphOfStart(node);
  return outer === null ? (plan.nodes[node]?.name ?? 'START') : `${plan.nodes[outer]?.name ?? outer}/START`;
}

function routeOf(plan: Plan, node: number): RoutePlan {
  const outer = subgraphOfStart(node);
  if (outer === null) return plan.nodes[node]?.route ?? plan.start;
  const subgraph = plan.nodes[outer];
  if (subgraph?.kind === 'subgraph') return subgraph.start;
  throw new SyngraphError({ code: 'STORE_INVALID', message: `node ${outer} of the plan is no subgraph` });
}

async function execute(work: NodeWork, node: NodePlan | undefined, hold: AbortSignal): Promise<NodeOutcome[]> {
  // A set is decided as a whole, which may take calls.
  if (node?.kind === 'set' && hold.reason instanceof RunCapped) return work.records.map(() => ({ kind: 'unfinished' }));
  const readable = work.records.filter((record) => record.source.unreadable === null);
  const outcomes = await executeNode({ ...work, records: readable }, node);
  let next = 0;
  return work.records.map((record): NodeOutcome => {
    if (record.source.unreadable === null) return outcomes[next++] ?? { kind: 'unfinished' };
    return failedOutcome({ ...work, name: 'source' }, { code: 'SOURCE_INVALID', message: record.source.unreadable });
  });
}

function countTargets(routed: RoutedOutcome[]): Record<number, number> {
  const to: Record<number, number> = {};
  for (const outcome of routed) {
    for (const one of outcome.kind === 'split' ? outcome.children : [outcome]) {
      if (one.kind === 'routed') for (const target of one.targets) to[target] = (to[target] ?? 0) + 1;
    }
  }
  return to;
}

/** Counts what happened, and pauses the run when far too many records fail. */
function noteOutcomes(work: NodeWork, routed: RoutedOutcome[]): void {
  const outcomes = routed.flatMap((outcome): RoutedRecord[] => (outcome.kind === 'split' ? outcome.children : [outcome]));
  const failed = outcomes.filter((outcome) => outcome.kind === 'failed').length;
  work.statistics.failed = failed;
  work.statistics.records = routed.filter((outcome) => outcome.kind !== 'unfinished').length;
  work.run.live.add(work.name, { records: work.statistics.records, failed });
  for (const outcome of outcomes) {
    if (outcome.kind !== 'unfinished') work.run.failures.note({ failed: outcome.kind === 'failed', epoch: work.epoch });
  }
  const exceeded = work.run.failures.exceeded(work.epoch);
  if (exceeded === null) return;
  const example = outcomes.find((outcome) => outcome.kind === 'failed');
  const reason = example?.kind === 'failed' ? `; for example: ${example.failure.message}` : '';
  throw new PauseRun({
    code: 'FAILURE_SHARE',
    message: `${exceeded} of the last 200 records failed${reason}`,
    nextStep: 'Mend the cause; or let the run go on as it is by resuming it.',
    node: work.name,
  });
}
