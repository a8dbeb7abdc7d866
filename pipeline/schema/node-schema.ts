import { z } from 'zod';
import { functionPath, ignored, jsonValue, names, refused } from './common-schema.ts';
import { nodeModelSchema } from './model-schema.ts';
import { sourceSchema } from './source-schema.ts';
import { strictObject, type UnsupportedKey } from './strict-object.ts';

export const ROLES = ['system', 'user', 'assistant', 'tool'] as const;

const nodeShape = {
  /** An idle node is switched off: what leads to it goes on to where it leads. */
  node_state: z.enum(['active', 'idle']).nullish(),
  /** SyGra's studio labels nodes with it. */
  node_name: z.string().nullish(),
};

const outputKeyShape = {
  output_keys: names.nullish(),
  /** Deprecated spelling. */
  output_key: names.nullish(),
};

const samplerSource = strictObject({
  name: 'values from a source',
  shape: { column: names, source: sourceSchema },
});

const samplerAttribute = strictObject({
  name: 'an attribute of a sampler',
  shape: {
    values: z.union([z.array(jsonValue), samplerSource], {
      error: 'expected a list of values, or a mapping with column and source',
    }),
    weights: z.array(z.number()).nullish(),
  },
});

const samplerNode = strictObject({
  name: 'a weighted_sampler node',
  shape: { node_type: z.literal('weighted_sampler'), attributes: z.record(z.string(), samplerAttribute), ...nodeShape },
});

/** Further keys are handed to the function as its configuration. */
const lambdaNode = z.looseObject({
  node_type: z.literal('lambda'),
  lambda: functionPath,
  ...outputKeyShape,
  ...nodeShape,
});

const promptPart = strictObject({
  name: 'a part of a prompt',
  shape: { type: z.enum(['text', 'image_url', 'audio_url']), text: z.string().optional() },
  unsupported: { image_url: { level: 'error' }, audio_url: { level: 'error' } },
});

const promptContent = z
  .union([z.string(), z.array(promptPart)], { error: 'expected a text or a list of parts' })
  .optional();

const promptMessage = strictObject({
  name: 'a message of a prompt',
  shape: Object.fromEntries(ROLES.map((role) => [role, promptContent])) as Record<
    (typeof ROLES)[number],
    typeof promptContent
  >,
});

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

const llmNode = strictObject({
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

export const nodeSchema = z.discriminatedUnion('node_type', [samplerNode, lambdaNode, llmNode]);

/** Types of SyGra that are recognised but not carried out yet. */
export const LATER_NODE_TYPES = ['multi_llm', 'agent', 'subgraph'];

export type NodeConfig = z.output<typeof nodeSchema>;
export type SamplerNodeConfig = z.output<typeof samplerNode>;
export type LambdaNodeConfig = z.output<typeof lambdaNode>;
export type LlmNodeConfig = z.output<typeof llmNode>;
