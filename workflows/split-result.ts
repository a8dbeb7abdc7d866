import { END } from '../pipeline/plan.ts';
import { FILTERED_ROUTE, FIRST_TARGET_ROUTE, type NodeResult } from '../pipeline/run-contract.ts';

/** Records of one group of an activity that go the same way next. */
export interface RoutedPart {
  /** Group of the activity's input that they were in. */
  group: number;
  records: number[];
  targets: number[];
}

export interface SplitResult {
  parts: RoutedPart[];
  /** Records that end here and make no row. */
  filtered: number[];
  /** Records that have come into being, beyond those that went in. */
  spawned: number;
}

export interface ResultShape {
  /** Records of each group, in the order of the activity's input. */
  groups: number[][];
  /** Position of the first record that the activity brings into being. */
  firstChild: number;
}

/** Splits the records of an activity by where they go next; failed and unfinished records are in no part. */
export function splitResult(result: NodeResult, { groups, firstChild }: ResultShape): SplitResult {
  const { routes, targets, children } = result;
  if (routes === undefined && children === undefined) {
    const onward = targets[0] ?? [END];
    return { parts: groups.map((records, group) => ({ group, records, targets: onward })), filtered: [], spawned: 0 };
  }
  const split: SplitResult = { parts: [], filtered: [], spawned: 0 };
  let unit = 0;
  let record = 0;
  let child = firstChild;
  groups.forEach((records, group) => {
    const byRoute = new Map<string, number[]>();
    const take = (position: number): void => {
      const route = routes?.charAt(unit) ?? FIRST_TARGET_ROUTE;
      unit += 1;
      if (route === FILTERED_ROUTE) split.filtered.push(position);
      else if (route >= FIRST_TARGET_ROUTE) {
        const known = byRoute.get(route);
        if (known === undefined) byRoute.set(route, [position]);
        else known.push(position);
      }
    };
    for (const position of records) {
      const born = children?.[record] ?? -1;
      record += 1;
      if (born < 0) take(position);
      else if (born === 0) split.filtered.push(position);
      else split.spawned += born - 1;
      for (let index = 0; index < born; index += 1) take(child++);
    }
    for (const [route, part] of [...byRoute].sort(([left], [right]) => (left < right ? -1 : 1))) {
      split.parts.push({ group, records: part, targets: targets[route.charCodeAt(0) - FIRST_TARGET_ROUTE.charCodeAt(0)] ?? [END] });
    }
  });
  return split;
}
