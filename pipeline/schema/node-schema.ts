import { z } from 'zod';
import { lambdaNode } from './nodes/lambda-node.ts';
import { llmNode } from './nodes/llm-node.ts';
import { samplerNode } from './nodes/sampler-node.ts';

export const nodeSchema = z.discriminatedUnion('node_type', [samplerNode, lambdaNode, llmNode]);

/** Types of SyGra that are recognised but not carried out yet. */
export const LATER_NODE_TYPES = ['multi_llm', 'agent', 'subgraph'];

export type NodeConfig = z.output<typeof nodeSchema>;
