import { z } from 'zod';
import { functionPath, ignored, refused } from '../common-schema.ts';
import { nodeModelSchema } from '../model-schema.ts';
import { strictObject, type UnsupportedKey } from '../strict-object.ts';
import { nodeShape, outputKeyShape } from './node-shape.ts';
import { promptMessage } from './prompt-schema.ts';

const llmUnsupported: Record<string, UnsupportedKey> = {
  chat_history: refused('Pass the conversation on with input_key.'),
  tools: refused('Call them in a lambda node.'),
  tool_choice: ignored('There are no tools to choose from.'),
  structured_output: refused('Ask for JSON in the prompt and list its keys in output_keys.'),
  inject_system_messages: refused(),
  output_vars: { level: 'error', message: 'is an old spelling of SyGra', hint: 'Write output_keys.' },
  temperature: { level: 'error', message: 'is a parameter of the request', hint: 'Put it under model.parameters.' },
  max_tokens: { level: 'error', message: 'is a parameter of the request', hint: 'Put it under model.parameters.' },
};

export const llmNode = strictObject({
  name: 'an llm node',
  shape: {
    node_type: z.literal('llm'),
    model: z.union(
      [
        z
          .string()
          .min(1)
          .transform((name) => ({ name })),
        nodeModelSchema,
      ],
      {
        error: 'expected the name of a model, or a mapping with name and parameters',
      },
    ),
    prompt: z.array(promptMessage, { error: 'expected a list of messages such as - user: text' }),
    input_key: z.string().min(1).nullish(),
    output_role: z.enum(['assistant', 'user', 'system']).nullish(),
    pre_process: functionPath.nullish(),
    post_process: functionPath.nullish(),
    on_truncation: z.enum(['keep', 'fail', 'retry']).optional(),
    on_empty: z.enum(['keep', 'fail', 'retry']).optional(),
    ...outputKeyShape,
    ...nodeShape,
  },
  unsupported: llmUnsupported,
});

export type LlmNodeConfig = z.output<typeof llmNode>;
