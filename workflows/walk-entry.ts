import { encodeRecords } from '../pipeline/encode-records.ts';
import type { WalkTable } from '../pipeline/plan.ts';
import { START_NODE, startNodeOf, type RecordGroup, type WalkSnapshot } from '../pipeline/run-contract.ts';
import { startHistory } from '../pipeline/walk-past.ts';

/** How the records of a batch enter the graph. */
export function enterBatch(walk: WalkTable, records: number): WalkSnapshot {
  const nodes = walk.start ?? [START_NODE];
  const positions = encodeRecords(Array.from({ length: records }, (_, index) => index));
  return {
    cohorts: [{ records: positions, tokens: nodes.map((node) => ({ node, history: [] })), visits: [], origin: 0, outer: '' }],
    nextSequence: 0,
    nextPosition: records,
    ...NOTHING_YET,
  };
}

export interface SubgraphEntry {
  /** The subgraph's node. */
  node: number;
  groups: RecordGroup[];
  /** First position that records may get which come into being in the subgraph. */
  firstChild: number;
}

/** How the records of a subgraph's node enter its inner graph. */
export function enterSubgraph(walk: WalkTable, { node, groups, firstChild }: SubgraphEntry): WalkSnapshot {
  const start = walk.subgraphs?.find((subgraph) => subgraph.node === node)?.start ?? null;
  const nodes = start ?? [startNodeOf(node)];
  return {
    cohorts: groups.map(({ records, history, visit }, origin) => ({
      records,
      tokens: nodes.map((inner) => ({ node: inner, history: [...startHistory(history)] })),
      visits: [],
      origin,
      outer: `${visit}.`,
    })),
    nextSequence: 0,
    nextPosition: firstChild,
    ...NOTHING_YET,
  };
}

const NOTHING_YET = { overVisited: [], failedIn: [], filtered: 0, spawned: 0 };
