import { decodeRecords, encodeRecords } from '../pipeline/encode-records.ts';
import { END } from '../pipeline/plan.ts';
import type { CohortSnapshot } from '../pipeline/run-contract.ts';
import { START_NODE } from '../pipeline/run-contract.ts';
import type { History } from '../pipeline/walk-past.ts';

/** Records that stand at the same places with the same past: they move together. */
export interface Cohort {
  /** Ascending. */
  records: number[];
  tokens: Token[];
  visits: ReadonlyMap<number, number>;
  /** Group of the walk's entry that the records came in with. */
  origin: number;
  /** Visits of the subgraphs around this walk, joined by dots; empty at the top. */
  outer: string;
}

export interface Token {
  /** Index into the walk table, a pseudo node that asks conditions of a START, or END. */
  node: number;
  history: History;
  /** Sequence of the activity that runs the node for this cohort right now. */
  running: number | null;
  /** Which of the activity's groups the cohort is, or was part of. */
  group: number;
  /** The records have waited here, and may go on. */
  released: boolean;
}

export function arrivedAt(node: number, history: History): Token {
  return { node, history, running: null, group: -1, released: false };
}

export function visitsOf(cohort: Cohort, node: number): number {
  return cohort.visits.get(node) ?? 0;
}

export function isPseudoNode(node: number): boolean {
  return node <= START_NODE;
}

export function hasEnded(cohort: Cohort): boolean {
  return cohort.tokens.every((token) => token.node === END);
}

/** Its records are in several branches that are under way, or wait. */
export function isInPieces(cohort: Cohort): boolean {
  return cohort.tokens.filter((token) => token.node !== END).length > 1;
}

export function toSnapshot(cohort: Cohort): CohortSnapshot {
  const { records, tokens, visits, origin, outer } = cohort;
  return {
    records: encodeRecords(records),
    tokens: tokens.map(({ node, history }) => ({ node, history: [...history] })),
    visits: [...visits],
    origin,
    outer,
  };
}

export function fromSnapshot(snapshot: CohortSnapshot, released: ReadonlySet<number>): Cohort {
  const { records, tokens, visits, origin, outer } = snapshot;
  return {
    records: decodeRecords(records),
    tokens: tokens.map(({ node, history }) => ({ ...arrivedAt(node, history), released: released.has(node) })),
    visits: new Map(visits),
    origin,
    outer,
  };
}
