import { ApplicationFailure } from '@temporalio/workflow';
import { MOST_CHILDREN } from '../pipeline/run-contract.ts';

/** Behind the last position that a record of a batch can have: `encodeRecords` writes 15 digits. */
const END_POSITION = 1e15;

/**
 * Share of the positions left that a subgraph may give to records. How many it needs nobody knows
 * before it is through, and several may be under way at a time.
 */
const SUBGRAPH_SHARE = 1 / 16;

/** Positions for the records that a walk brings into being. What is set aside for two activities never meets. */
export interface PositionSpace {
  /** No record has this position, nor any above. */
  readonly next: number;
  /** @throws ApplicationFailure where none are left */
  setAside(records: number, taker: { name: string; isSubgraph: boolean }): void;
  /** What was set aside up to `end` is needed below `unused` only. Without effect where something was set aside behind it. */
  giveBack(end: number, unused: number): void;
}

/** @param end behind the last position of the space; default: as many as there are */
export function createPositionSpace(first: number, end: number = END_POSITION): PositionSpace {
  let next = first;
  return {
    get next() {
      return next;
    },
    setAside(records, { name, isSubgraph }) {
      next += isSubgraph ? Math.floor((end - next) * SUBGRAPH_SHARE) : records * MOST_CHILDREN;
      if (next <= end) return;
      throw ApplicationFailure.nonRetryable(`${name} makes more records of one batch than can be told apart`, 'GRAPH_TOO_LARGE');
    },
    giveBack(taken, unused) {
      if (next === taken) next = unused;
    },
  };
}
