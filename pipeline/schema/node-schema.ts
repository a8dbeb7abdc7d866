import { z } from 'zod';
import { agentNode } from './nodes/agent-node.ts';
import { fanOutNode } from './nodes/fan-out-node.ts';
import { filterNode } from './nodes/filter-node.ts';
import { humanReviewNode } from './nodes/human-review-node.ts';
import { lambdaNode } from './nodes/lambda-node.ts';
import { llmNode } from './nodes/llm-node.ts';
import { multiLlmNode } from './nodes/multi-llm-node.ts';
import { qualityNode } from './nodes/quality-node.ts';
import { samplerNode } from './nodes/sampler-node.ts';
import { setNodes } from './nodes/set-node.ts';
import { subgraphNode } from './nodes/subgraph-node.ts';

export const nodeSchema = z.discriminatedUnion('node_type', [samplerNode, lambdaNode, fanOutNode, filterNode, humanReviewNode, qualityNode, llmNode, multiLlmNode, agentNode, subgraphNode, ...setNodes]);

/** Types of SyGra that are recognised but not carried out yet. */
export const LATER_NODE_TYPES: string[] = [];

export type NodeConfig = z.output<typeof nodeSchema>;
