import { END, type WalkTable } from '../pipeline/plan.ts';
import { isPseudoNode, type Cohort, type Token } from './cohort.ts';

export interface ReadyCohort {
  cohort: Cohort;
  nodes: number[];
}

/**
 * Nodes where the records of each cohort are due: no other active branch of them can still reach
 * the node, back edges not counted (so a join waits for all of its branches). Should all branches
 * wait on each other, the first in plan order goes. A gathering node also waits for all other
 * records of the walk that can still come, also from where they are parked; a parking node is due only once its records are released.
 */
export function createReadiness(walk: WalkTable): (cohorts: Cohort[]) => ReadyCohort[] {
  const reach = walk.reach.map((nodes) => new Set(nodes));
  const parking = new Set(walk.parking);
  const gathering = new Set(walk.gathering);

  const isParked = (token: Token): boolean => parking.has(token.node) && token.running === null && !token.released;
  const canReach = (from: number, to: number): boolean => isPseudoNode(from) || reach[from]?.has(to) === true;

  function dueNodes(cohort: Cohort): number[] {
    const active = cohort.tokens.filter((token) => token.node !== END);
    const waiting = [...new Set(active.filter((token) => token.running === null && !isParked(token)).map((token) => token.node))];
    const ready = waiting.filter((node) =>
      active.every((other) => (other.node === node ? other.running === null : !canReach(other.node, node))),
    );
    const nothingRuns = active.every((token) => token.running === null && !isParked(token));
    return ready.length === 0 && nothingRuns && waiting.length > 0 ? [Math.min(...waiting)] : ready;
  }

  /** Tokens of records that may still come to a gathering node. */
  function awaitedAt(node: number, cohorts: Cohort[]): Token[] {
    return cohorts.flatMap((cohort) =>
      cohort.tokens.filter((token) => token.node !== END && (token.node === node ? token.running !== null : canReach(token.node, node))),
    );
  }

  return (cohorts) => {
    const due = cohorts.map((cohort) => ({ cohort, nodes: dueNodes(cohort) }));
    if (gathering.size === 0) return due;
    const awaited = new Map([...gathering].map((node) => [node, awaitedAt(node, cohorts)]));
    const held = new Set([...gathering].filter((node) => awaited.get(node)!.length > 0));
    const free = due.map(({ cohort, nodes }) => ({ cohort, nodes: nodes.filter((node) => !held.has(node)) }));
    const nothingGoesOn =
      free.every(({ nodes }) => nodes.length === 0) && cohorts.every((cohort) => cohort.tokens.every((token) => token.running === null));
    // What waits outside the batch comes in a later phase: the whole batch waits for it.
    const waiting = due.flatMap(({ nodes }) => nodes).filter((node) => awaited.get(node)?.some(isParked) !== true);
    if (!nothingGoesOn || waiting.length === 0) return free;
    // Gathering nodes that wait for each other's records: the first in plan order goes with those that are there.
    const first = Math.min(...waiting);
    return due.map(({ cohort, nodes }) => ({ cohort, nodes: nodes.filter((node) => node === first) }));
  };
}
