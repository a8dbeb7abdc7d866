import type { ParsedNode } from '../parsed-pipeline.ts';
import type { NodePlan, RoutePlan } from '../plan.ts';
import type { CompileContext } from './compile-context.ts';
import type { ModelTable } from './compile-models.ts';
import { compileLambdaNode } from './nodes/compile-lambda-node.ts';
import { compileLlmNode } from './nodes/compile-llm-node.ts';
import { compileSamplerNode } from './nodes/compile-sampler-node.ts';
import { outputKeys } from './nodes/output-keys.ts';

export interface CompiledNode {
  /** null where the node cannot be read. */
  plan: NodePlan | null;
  writes: string[];
  /** It may write keys that it does not declare. */
  writesMore: boolean;
}

export interface CompileNodeOptions {
  context: CompileContext;
  node: ParsedNode;
  route: RoutePlan;
  models: ModelTable;
}

export function compileNode(options: CompileNodeOptions): CompiledNode {
  const { context, node, route, models } = options;
  const { config, name, path } = node;
  if (config === null) return { plan: null, writes: [], writesMore: true };
  if (config.node_type === 'weighted_sampler') {
    const plan = compileSamplerNode(context, { config, name, path, route });
    return { plan, writes: plan.writes, writesMore: node.damaged };
  }
  const writes = outputKeys(context, config, path);
  if (config.node_type === 'lambda') {
    const plan = compileLambdaNode(context, { config, name, path, route, writes: writes ?? [] });
    return { plan, writes: plan.writes, writesMore: node.damaged || writes === null };
  }
  const plan = compileLlmNode({ context, config, name, path, route, models, outputKeys: writes ?? ['messages'] });
  // Processors get the whole state; only declared keys bind a post-processor.
  const writesMore = node.damaged || plan.preProcess !== null || (plan.postProcess !== null && writes === null);
  return { plan, writes: plan.writes, writesMore };
}
