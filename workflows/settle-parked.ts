import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import type { PreparedRun } from '../pipeline/run-contract.ts';
import { beating } from './activity-proxies.ts';
import { awaitProviderBatch } from './provider-batch.ts';
import type { RunState } from './run-state.ts';
import { withPauses } from './with-pauses.ts';

/** Time between two looks at decisions that are not the last ones: each look costs events, and reads all that waits. */
const BETWEEN_LOOKS = '1 minute';

/**
 * Does what the waiting records wait for: a node over all of them, a provider's batches, or a human's decisions.
 * @returns the nodes where records may go on; null where the history is long enough for the next execution to go on waiting, or the run stops
 */
export async function settleParked(run: PreparedRun, state: RunState): Promise<number[] | null> {
  const reviews = new Set(run.reviews);
  const first = firstOf(state.cursor.parkedAt, run.walk.reach);
  const sets = first.filter((node) => !reviews.has(node));
  // What needs nobody goes first: more records may come to the humans with it.
  if (sets.length === 0) return awaitReviews(run, state, first);
  const { phase, firstRange, endRange, nextRange } = state.cursor;
  for (const node of sets) {
    const summary = run.walk.nodes[node] ?? String(node);
    const input = { run: run.reference, node, phase, firstRange, endRange: endRange ?? nextRange };
    if (run.providerBatches?.includes(node) === true) {
      if (!(await awaitProviderBatch(state, { summary, input }))) return null;
      continue;
    }
    const isDecided = await withPauses(state, () => beating.decideSet.executeWithOptions({ summary }, [{ ...input, epoch: state.epoch }]));
    if (isDecided === null || state.stop !== null) return null;
  }
  return sets;
}

async function awaitReviews(run: PreparedRun, state: RunState, nodes: number[]): Promise<number[] | null> {
  const { phase, firstRange, endRange, nextRange } = state.cursor;
  for (;;) {
    const seen = state.decisions;
    const input = { run: run.reference, nodes, phase, firstRange, endRange: endRange ?? nextRange };
    const opened = await withPauses(state, () => beating.openReviews.executeWithOptions({ summary: 'human review' }, [input]));
    if (opened === null) return null;
    state.reviews = opened;
    if (state.reviews === 0) return nodes;
    const isOver = (): boolean => isLong() || state.stop !== null;
    await condition(() => state.decisions > seen || isOver());
    await condition(() => state.reviews === 0 || isOver(), BETWEEN_LOOKS);
    if (!isOver()) continue;
    await condition(allHandlersFinished);
    return null;
  }
}

/** Decisions come as signals, one or more events each. */
function isLong(): boolean {
  return workflowInfo().continueAsNewSuggested;
}

/** Nodes that no other of them can still reach; all where they reach each other. */
function firstOf(nodes: number[], reach: number[][]): number[] {
  const first = nodes.filter((node) => !nodes.some((other) => other !== node && reach[other]?.includes(node) === true));
  return first.length === 0 ? nodes : first;
}
