import type { NodeResult } from '../../pipeline/run-contract.ts';
import type { RoutedOutcome } from './node-work.ts';

const FAILED = '!';
const UNFINISHED = '-';
const FIRST_TARGET = 0x30;

/** One character a record, none at all where every record goes the same way: histories stay small. */
export function encodeRoutes(outcomes: RoutedOutcome[]): Pick<NodeResult, 'targets' | 'routes'> {
  const targets: number[][] = [];
  const known = new Map<string, string>();
  let routes = '';
  for (const outcome of outcomes) {
    if (outcome.kind === 'failed') routes += FAILED;
    else if (outcome.kind === 'unfinished') routes += UNFINISHED;
    else if (outcome.kind === 'routed') {
      const key = outcome.targets.join();
      const character = known.get(key) ?? String.fromCharCode(FIRST_TARGET + targets.push(outcome.targets) - 1);
      known.set(key, character);
      routes += character;
    }
  }
  const uniform = targets.length === 1 && !routes.includes(FAILED) && !routes.includes(UNFINISHED);
  return uniform ? { targets } : { targets, routes };
}
