import { FAILED_ROUTE, FILTERED_ROUTE, FIRST_TARGET_ROUTE, UNFINISHED_ROUTE, type NodeResult } from '../../pipeline/run-contract.ts';
import type { RoutedOutcome, RoutedRecord } from './node-work.ts';

/** One character a record, none at all where every record goes the same way: histories stay small. */
export function encodeRoutes(outcomes: RoutedOutcome[]): Pick<NodeResult, 'targets' | 'routes' | 'children'> {
  const targets: number[][] = [];
  const known = new Map<string, string>();
  let routes = '';
  let isUniform = true;

  function add(record: RoutedRecord): void {
    if (record.kind !== 'routed') {
      isUniform = false;
      routes += { failed: FAILED_ROUTE, unfinished: UNFINISHED_ROUTE, filtered: FILTERED_ROUTE }[record.kind];
      return;
    }
    const key = record.targets.join();
    const character = known.get(key) ?? String.fromCharCode(FIRST_TARGET_ROUTE.charCodeAt(0) + targets.push(record.targets) - 1);
    known.set(key, character);
    routes += character;
  }

  for (const outcome of outcomes) {
    if (outcome.kind === 'split') for (const child of outcome.children) add(child);
    else add(outcome);
  }
  const route = targets.length === 1 && isUniform ? { targets } : { targets, routes };
  if (!outcomes.some((outcome) => outcome.kind === 'split')) return route;
  return { ...route, children: outcomes.map((outcome) => (outcome.kind === 'split' ? outcome.children.length : -1)) };
}
