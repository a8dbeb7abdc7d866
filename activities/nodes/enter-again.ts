import { END } from '../../pipeline/plan.ts';
import { entryTarget } from '../run/retry/retry-entry.ts';
import { emptyResult, type NodeResultFile } from './node-result.ts';
import type { NodeWork, RoutedOutcome } from './node-work.ts';

/** Sends the records of a retry from START to the nodes that they have failed in. */
export function enterAgain(work: NodeWork): { routed: RoutedOutcome[]; file: NodeResultFile } {
  const targets = new Map<string, number>();
  const targetOf = (enter: string): number => {
    const known = targets.get(enter) ?? entryTarget(work.run.plan, enter);
    targets.set(enter, known);
    return known;
  };
  const file = emptyResult();
  const routed = work.records.map(({ position, source }): RoutedOutcome => {
    file.changes.set(position, { set: {} });
    return { kind: 'routed', targets: [source.enter === undefined ? END : targetOf(source.enter)] };
  });
  return { routed, file };
}
