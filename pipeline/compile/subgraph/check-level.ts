import { checkBranches } from '../check-branches.ts';
import { checkStateKeys } from '../check-state-keys.ts';
import { checkVariables, keysBefore } from '../check-variables.ts';
import { reportConflicts } from '../report-conflicts.ts';
import type { Level } from './compile-level.ts';

/**
 * What can only be judged once a graph is known as a whole, for it and the subgraphs in it.
 * @param columns what records have when they enter the graph; null: cannot be told
 */
export function checkLevel({ context, graph, nodes, subgraphs }: Level, columns: ReadonlySet<string> | null): void {
  const knowledge = { columns, graph, nodes };
  checkVariables(context, knowledge);
  checkStateKeys(context, knowledge);
  reportConflicts(context, graph, nodes);
  checkBranches(context, graph, nodes);
  for (const [index, inner] of subgraphs) checkLevel(inner, keysBefore(knowledge, index));
}
