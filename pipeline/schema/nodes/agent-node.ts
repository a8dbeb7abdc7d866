import { z } from 'zod';
import { strictObject } from '../strict-object.ts';
import { askingShape, nodeModel } from './asking-shape.ts';

const turnMapping = z.record(z.string().regex(/^\d+$/, { error: 'expected the number of a turn' }), z.string(), {
  error: 'expected a mapping such as 3: Come to an end.',
});

/** An agent is asked like an llm node, as often as it calls tools. */
export const agentNode = strictObject({
  name: 'an agent node',
  shape: {
    node_type: z.literal('agent'),
    model: nodeModel,
    ...askingShape,
    /** Added to the system message when half the length of the chat history equals the turn. */
    inject_system_messages: z
      .union([z.array(turnMapping), turnMapping], { error: 'expected a list such as - 3: Come to an end., or a mapping' })
      .nullish(),
    /** Model calls of one visit at most. */
    max_steps: z.int().min(1).max(1000).optional(),
    /** Seconds that a tool call may take. */
    tool_timeout: z.number().positive().max(3600).optional(),
    /** State key that takes every message of the loop. */
    trajectory_key: z.string().min(1).nullish(),
  },
});

export type AgentNodeConfig = z.output<typeof agentNode>;
