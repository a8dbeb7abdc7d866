import { isCancellation } from '@temporalio/workflow';
import { encodeRecords } from '../pipeline/encode-records.ts';
import type { SubgraphInput, SubgraphResult } from '../pipeline/run-contract.ts';
import { addStatistics, emptyStatistics, type NodeStatistics } from '../pipeline/run-statistics.ts';
import { createHalting } from './halting.ts';
import { enterSubgraph } from './walk-entry.ts';
import { walkGraph } from './walk-graph.ts';
import { createWalker } from './walker.ts';

/** Takes the records of a batch that have come to a subgraph's node through its inner graph. */
export async function subgraph(input: SubgraphInput): Promise<SubgraphResult> {
  const halting = createHalting(input.root, input.epoch);
  const walker = createWalker(input.walk, enterSubgraph(input.walk, input), { endPosition: input.endChild, isBeside: input.isBeside });
  const nodes = new Map<number, NodeStatistics>();
  const note = (node: number, statistics: NodeStatistics): void => {
    nodes.set(node, addStatistics(nodes.get(node) ?? emptyStatistics(), statistics));
  };
  const accepted: string[] = [];
  try {
    await walkGraph({ ...input, halting, note, accept: (results) => accepted.push(...results) }, walker);
  } catch (error) {
    // A cancelled run wants what is finished.
    if (!isCancellation(error)) throw error;
  }
  const { finished, overVisited, failedIn, filtered, filteredBeside, spawned } = walker.outcome();
  const { nextSequence, nextPosition } = walker.snapshot();
  return {
    finished: finished.map(({ records, history, origin }) => ({
      group: origin,
      records: encodeRecords(records),
      // What the records brought along is known to the graph around this one.
      results: history.slice(input.groups[origin]?.history.length ?? 0),
    })),
    overVisited,
    failedIn,
    filtered,
    ...(filteredBeside.length === 0 ? {} : { filteredBeside: encodeRecords(filteredBeside) }),
    spawned,
    nextPosition,
    nodes: [...nodes],
    accepted,
    nextSequence,
  };
}
