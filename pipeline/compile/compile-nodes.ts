import type { ParsedNode } from '../parsed-pipeline.ts';
import type { AgentNodePlan, LlmNodePlan, MultiLlmNodePlan, NodePlan, RoutePlan } from '../plan.ts';
import type { CompileContext } from './compile-context.ts';
import type { ModelTable } from './compile-models.ts';
import { compileAgentNode } from './nodes/compile-agent-node.ts';
import { compileFanOutNode } from './nodes/compile-fan-out-node.ts';
import { compileFilterNode } from './nodes/compile-filter-node.ts';
import { compileHumanReviewNode } from './nodes/compile-human-review-node.ts';
import { compileLambdaNode } from './nodes/compile-lambda-node.ts';
import { compileLlmNode, type LlmNodeParts } from './nodes/compile-llm-node.ts';
import { compileMultiLlmNode } from './nodes/compile-multi-llm-node.ts';
import { compileQualityNode } from './nodes/compile-quality-node.ts';
import { compileSamplerNode } from './nodes/compile-sampler-node.ts';
import { compileSetNode } from './nodes/compile-set-node.ts';
import { outputKeys } from './nodes/output-keys.ts';

export interface CompiledNode {
  /** null where the node cannot be read. */
  plan: NodePlan | null;
  writes: string[];
  /** It may write keys that it does not declare. */
  writesMore: boolean;
  /** Nodes of a subgraph. */
  inner?: readonly CompiledNode[];
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
  // Subgraphs are compiled as levels of their own.
  if (config === null || config.node_type === 'subgraph') return { plan: null, writes: [], writesMore: true };
  if (config.node_type === 'weighted_sampler') {
    const plan = compileSamplerNode(context, { config, name, path, route });
    return { plan, writes: plan.writes, writesMore: node.damaged };
  }
  if (config.node_type === 'fan_out' || config.node_type === 'human_review') {
    const parts = { name, path, route };
    const plan = config.node_type === 'fan_out' ? compileFanOutNode(context, { ...parts, config }) : compileHumanReviewNode(context, { ...parts, config });
    return { plan, writes: plan.writes, writesMore: node.damaged };
  }
  if (config.node_type === 'quality') {
    const plan = compileQualityNode(context, { config, name, path, route, models });
    return { plan, writes: plan.writes, writesMore: node.damaged };
  }
  if (config.node_type === 'filter') return { plan: compileFilterNode(context, { config, name, path, route }), writes: [], writesMore: false };
  if (config.node_type === 'deduplicate' || config.node_type === 'select_diverse' || config.node_type === 'rank' || config.node_type === 'aggregate') {
    const plan = compileSetNode({ context, config, name, path, route, models, outputKeys: null });
    return { plan, writes: plan.writes, writesMore: node.damaged };
  }
  const writes = outputKeys(context, config, path);
  if (config.node_type === 'set_function' || (config.node_type === 'lambda' && (config.scope === 'batch' || config.scope === 'run'))) {
    const plan = compileSetNode({ context, config, name, path, route, models, outputKeys: writes });
    return { plan, writes: plan.writes, writesMore: node.damaged || writes === null };
  }
  if (config.node_type === 'lambda') {
    const plan = compileLambdaNode(context, { config, name, path, route, writes: writes ?? [] });
    return { plan, writes: plan.writes, writesMore: node.damaged || writes === null };
  }
  const asking = { context, name, path, route, models, outputKeys: writes ?? ['messages'] };
  const plan = compileAskingNode(asking, config);
  // Processors get the whole state; only declared keys bind a post-processor.
  const writesMore = node.damaged || plan.preProcess !== null || (plan.postProcess !== null && writes === null);
  return { plan, writes: plan.writes, writesMore };
}

type AskingNodeConfig = Extract<NonNullable<ParsedNode['config']>, { node_type: 'llm' | 'multi_llm' | 'agent' }>;

function compileAskingNode(asking: Omit<LlmNodeParts, 'config'>, config: AskingNodeConfig): LlmNodePlan | MultiLlmNodePlan | AgentNodePlan {
  if (config.node_type === 'agent') return compileAgentNode({ ...asking, config });
  return config.node_type === 'multi_llm' ? compileMultiLlmNode({ ...asking, config }) : compileLlmNode({ ...asking, config });
}
