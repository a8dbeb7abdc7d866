import { SyngraphError } from '../../../pipeline/errors.ts';
import { END, type Plan, type RoutePlan } from '../../../pipeline/plan.ts';

/** Where a record enters that has failed behind its last node. */
const LAST = 'END';

/** What failed records name beside nodes: their rows could not be made, or do not keep to the schema. */
const BEHIND_NODES = new Set(['output', 'schema']);

/** Where a record enters again that has failed in a node. */
export function entryOf(node: string): string {
  return BEHIND_NODES.has(node) ? LAST : node;
}

/** Index of the node that a record enters at. @throws SyngraphError USAGE where the plan has none of that name, or none that can be entered */
export function entryTarget(plan: Plan, enter: string): number {
  if (enter === LAST) return END;
  const index = plan.nodes.findIndex(({ name }) => name === enter);
  if (index !== -1 && !enter.includes('/')) return index;
  throw new SyngraphError({
    code: 'USAGE',
    message: index === -1 ? `records failed in ${enter}, which the pipeline does not have as a node` : `records failed in ${enter}, which lies in a subgraph`,
    nextStep: 'Leave out --from node: records then begin at START, and answers that were paid for are reused.',
  });
}

/** Records whose branches were several when they failed have lost the others. @throws SyngraphError USAGE */
export function assertEnterable(plan: Plan): void {
  const inner = (name: string): boolean => name.includes('/');
  const parallel = [{ name: 'START', route: plan.start }, ...plan.nodes].find(({ name, route }) => !inner(name) && fansOut(route));
  if (parallel === undefined) return;
  throw new SyngraphError({
    code: 'USAGE',
    message: `records may take several branches at once behind ${parallel.name}, so none can begin again at the node that it failed in`,
    nextStep: 'Leave out --from node: records then begin at START, and answers that were paid for are reused.',
  });
}

function fansOut({ always, conditions }: RoutePlan): boolean {
  const widest = (targets: number[][]): number => Math.max(0, ...targets.map((list) => list.length));
  return always.length + conditions.reduce((sum, { paths }) => sum + Math.max(1, widest(Object.values(paths))), 0) > 1;
}
