import { z } from 'zod';
import { refused } from '../common-schema.ts';
import { strictObject, type UnsupportedKey } from '../strict-object.ts';
import { askingShape, nodeModel } from './asking-shape.ts';

const sampleCount = z.int().min(1).max(1000).nullish();

const llmUnsupported: Record<string, UnsupportedKey> = {
  inject_system_messages: refused('Make it an agent node.'),
  max_steps: refused('Make it an agent node.'),
  trajectory_key: refused('Make it an agent node.'),
};

export const llmNode = strictObject({
  name: 'an llm node',
  shape: {
    node_type: z.literal('llm'),
    model: nodeModel,
    ...askingShape,
    /** Answers to each prompt. */
    samples: sampleCount,
    /** The same, as the parameter of a request is called. */
    n: sampleCount,
    /** `list`: output keys hold lists; `rows`: each answer becomes a record of its own. */
    samples_as: z.enum(['list', 'rows']).nullish(),
    /** State key that takes the reasoning of models that return it. */
    reasoning_key: z.string().min(1).nullish(),
  },
  unsupported: llmUnsupported,
});

export type LlmNodeConfig = z.output<typeof llmNode>;
