import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { DecideSetInput } from '../../pipeline/run-contract.ts';
import { addStatistics, emptyStatistics, type NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { createMeter } from '../metrics/call-meter.ts';
import type { BatchData } from '../nodes/batch-data.ts';
import { failedOutcome, type NodeOutcome, type NodeWork } from '../nodes/node-work.ts';
import { waitingRecords } from '../run/parked-walks.ts';
import type { RunContext } from '../run/run-context.ts';
import { batchName, rangeName } from '../run/run-files.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';
import { decideSet, setFolder } from './decide-set.ts';
import { rejectDuplicate } from './reject-duplicate.ts';
import type { SetDecision, SetRecord } from './set-decision.ts';

/** Decisions of one batch: by position within it. */
type BatchDecisions = Record<string, SetDecision>;

/** Looks at all records of the run that wait at a node, and leaves each batch a file that says what becomes of its own. */
export async function decideWaiting(options: {
  dependencies: ActivityDependencies;
  run: RunContext;
  data: BatchData;
  input: DecideSetInput;
  signal: AbortSignal;
  assertHeld: () => void;
}): Promise<void> {
  const { dependencies, run, data, input, signal, assertHeld } = options;
  const { store } = dependencies;
  const node = run.plan.nodes[input.node];
  if (node?.kind !== 'set') throw new SyngraphError({ code: 'STORE_INVALID', message: `node ${input.node} of the plan sees no set` });
  const waiting = (): ReturnType<typeof waitingRecords> => waitingRecords({ store, run, data, span: input, phase: input.phase, node: input.node });
  async function* records(): AsyncGenerator<SetRecord> {
    for await (const { source, state } of waiting()) {
      signal.throwIfAborted();
      yield { id: source.id, state };
    }
  }
  // What was decided once stays: batches of an earlier execution have gone on with it.
  const done = statisticsKey(run.folder, node.name, input.phase);
  if ((await readJson<NodeStatistics>(store, done)) !== null) return;
  const statistics = emptyStatistics();
  const meter = createMeter(dependencies.gateway);
  const decide = await decideSet({ dependencies, run, name: node.name, operation: node.operation, records, signal, assertHeld, statistics, meter });
  const writeDecisions = async (): Promise<void> => {
    // Another attempt may have decided otherwise by now, and batches go by it.
    assertHeld();
    await store.write(open, JSON.stringify(decisions));
  };
  let index = 0;
  let open = '';
  let decisions: BatchDecisions = {};
  for await (const { range, batch, position } of waiting()) {
    const key = decisionsKey(run.folder, { node: node.name, phase: input.phase, range, batch });
    signal.throwIfAborted();
    if (open !== key && open !== '') await writeDecisions();
    if (open !== key) decisions = {};
    open = key;
    decisions[position] = decide(index);
    index += 1;
  }
  if (open !== '') await writeDecisions();
  assertHeld();
  const file: DecidingFile = { ...statistics, metrics: { node: input.node, to: {}, ...meter.metrics() } };
  await store.write(done, JSON.stringify(file));
}

/** What was called to decide over all records of the run, over all phases: it belongs to no batch. */
export async function decidingStatistics(store: Store, folder: string, node: string): Promise<NodeStatistics> {
  return (await readDeciding(store, folder, node)).reduce<NodeStatistics>((sum, one) => addStatistics(sum, one), emptyStatistics());
}

/** What models were asked for to decide, over all phases. */
export async function decidingMetrics(store: Store, folder: string, node: string): Promise<NodeMetrics[]> {
  return (await readDeciding(store, folder, node)).flatMap(({ metrics }) => metrics ?? []);
}

/** `statistics-<phase>.json` of a set. */
interface DecidingFile extends NodeStatistics {
  /** Absent in runs of older versions. */
  metrics?: NodeMetrics;
}

async function readDeciding(store: Store, folder: string, node: string): Promise<DecidingFile[]> {
  const keys = (await store.list(setFolder(folder, node))).filter((key) => /\/statistics-\d+\.json$/.test(key));
  return (await Promise.all(keys.map((key) => readJson<DecidingFile>(store, key)))).filter((file) => file !== null);
}

function statisticsKey(folder: string, node: string, phase: number): string {
  return `${setFolder(folder, node)}/statistics-${phase}.json`;
}

/** What the set's decisions make of the records of one batch. */
export async function applyDecisions(work: NodeWork): Promise<NodeOutcome[]> {
  const { range, batch } = work.batch;
  const key = decisionsKey(work.run.folder, { node: work.name, phase: work.phase - 1, range, batch });
  const { store } = work.dependencies;
  const decisions = await readJson<BatchDecisions>(store, key);
  if (decisions === null) throw new SyngraphError({ code: 'STORE_INVALID', message: `the store ${store.location} lacks ${key}, which ${work.name} has decided` });
  return work.records.map(({ position, state }): NodeOutcome => {
    const decision = decisions[position];
    if (decision === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `${key} says nothing of record ${position}` });
    return outcomeOf(work, decision, state);
  });
}

export function outcomeOf(work: NodeWork, decision: SetDecision, state: JsonObject): NodeOutcome {
  if (decision.kind === 'drop') return { kind: 'filtered' };
  if (decision.kind === 'failed') return failedOutcome(work, decision);
  if (decision.kind === 'duplicate') return { kind: 'changed', change: { set: rejectDuplicate(state, decision) } };
  return { kind: 'changed', change: { set: decision.set ?? {} } };
}

function decisionsKey(folder: string, place: { node: string; phase: number; range: number; batch: number }): string {
  const { node, phase, range, batch } = place;
  return `${setFolder(folder, node)}/decisions-${phase}/${rangeName(range)}/${batchName(batch)}.json`;
}
