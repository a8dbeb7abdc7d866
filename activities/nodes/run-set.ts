import type { SetNodePlan } from '../../pipeline/plan.ts';
import { decideSet } from '../sets/decide-set.ts';
import { outcomeOf } from '../sets/set-decisions.ts';
import type { SetRecord } from '../sets/set-decision.ts';
import type { NodeOutcome, NodeWork } from './node-work.ts';

/** A node that sees the records of its batch at once. */
export async function runSet(node: SetNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const { dependencies, run, name, signal, statistics, assertHeld, records } = work;
  // Groups with different pasts follow each other in the work; a set is looked at in input order.
  const order = records.map((_, index) => index).sort((left, right) => (records[left]?.position ?? 0) - (records[right]?.position ?? 0));
  const sorted = async function* (): AsyncGenerator<SetRecord> {
    for (const index of order) {
      const record = records[index];
      if (record !== undefined) yield { id: record.source.id, state: record.state };
    }
  };
  const journal = { folder: work.journalFolder, attempt: `${name}-${work.attempt}` };
  const decide = await decideSet({ dependencies, run, name, operation: node.operation, records: sorted, signal, statistics, assertHeld, journal });
  const outcomes: NodeOutcome[] = [];
  order.forEach((index, place) => (outcomes[index] = outcomeOf(work, decide(place))));
  return outcomes;
}
