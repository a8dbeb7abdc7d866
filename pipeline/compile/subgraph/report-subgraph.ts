import type { SubgraphFact } from '../../facts.ts';
import type { ParsedNode } from '../../parsed-pipeline.ts';
import type { SubgraphNodeConfig } from '../../schema/nodes/subgraph-node.ts';
import type { CompileContext } from '../compile-context.ts';

type Unusable = Exclude<SubgraphFact, { status: 'found' }> | undefined;

/** Why a subgraph node leads nowhere. */
export function reportSubgraph(
  context: CompileContext,
  { config, path }: ParsedNode & { config: SubgraphNodeConfig },
  fact: Unusable,
): void {
  const { subgraph } = config;
  const at = [...path, 'subgraph'];
  switch (fact?.status) {
    case 'cycle':
      context.report({
        code: 'SUBGRAPH_CYCLE',
        path: at,
        message: `The subgraph contains itself: ${fact.files.join(' → ')}`,
        hint: 'Loop with an edge that leads back inside one graph; a subgraph cannot be its own part.',
      });
      return;
    case 'too_many':
      context.report({
        code: 'SUBGRAPH_CYCLE',
        path: at,
        message: `Subgraphs are followed no further than ${fact.limit}`,
        hint: 'Use fewer subgraphs, or put some of them together.',
      });
      return;
    case 'broken':
      context.report({ code: 'SUBGRAPH_NOT_FOUND', path: at, message: `"${subgraph}" cannot be read: ${fact.message}` });
      return;
    default: {
      const tried = fact === undefined || fact.triedFiles.length === 0 ? '' : `; looked for ${fact.triedFiles.join(', ')}`;
      context.report({
        code: 'SUBGRAPH_NOT_FOUND',
        path: at,
        message: `There is no subgraph "${subgraph}"${tried}`,
        hint: 'Write tasks.my_task.inner as SyGra does, ./folder, a YAML file, or a recipe: sygra.recipes.evol_instruct, sygra.recipes.self_refinement, syngraph.recipes.quality_judge.',
      });
    }
  }
}
