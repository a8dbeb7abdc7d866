import type { SetNodePlan } from '../../pipeline/plan.ts';
import { decideSet, setFolder } from '../sets/decide-set.ts';
import { outcomeOf } from '../sets/set-decisions.ts';
import type { SetRecord } from '../sets/set-decision.ts';
import { batchName, rangeName } from '../run/run-files.ts';
import type { NodeOutcome, NodeWork, WorkRecord } from './node-work.ts';
import { comparePaths } from './record-state.ts';

/** A node that sees all records of its batch: they are here together, in the order of the input. */
export async function runSet(node: SetNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const { dependencies, run, name, signal, statistics, meter, assertHeld, batch, attempt } = work;
  const ordered = [...work.records.keys()].sort((left, right) => comparePaths(work.records[left]!.path, work.records[right]!.path));
  const decide = await decideSet({
    dependencies,
    run,
    name,
    operation: node.operation,
    records: () => setRecords(ordered.map((index) => work.records[index]!)),
    signal,
    statistics,
    meter,
    assertHeld,
    journal: { folder: `${setFolder(run.folder, name)}/batches/${rangeName(batch.range)}/${batchName(batch.batch)}`, attempt },
  });
  const outcomes: NodeOutcome[] = [];
  for (const [place, index] of ordered.entries()) outcomes[index] = outcomeOf(work, decide(place), work.records[index]!.state);
  return outcomes;
}

async function* setRecords(records: WorkRecord[]): AsyncGenerator<SetRecord> {
  for (const { source, state } of records) yield { id: source.id, state };
}
