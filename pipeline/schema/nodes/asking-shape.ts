import { z } from 'zod';
import { functionPath } from '../common-schema.ts';
import { nodeModelSchema } from '../model-schema.ts';
import { structuredOutput } from '../structured-output.ts';
import { nodeShape, outputKeyShape } from './node-shape.ts';
import { promptMessage } from './prompt-schema.ts';
import { toolShape } from './tools.ts';

/** The model of a node: its name alone, or a mapping. */
export const nodeModel = z.union(
  [
    z
      .string()
      .min(1)
      .transform((name) => ({ name })),
    nodeModelSchema,
  ],
  { error: 'expected the name of a model, or a mapping with name and parameters' },
);

const policy = z.enum(['keep', 'fail', 'retry']).optional();

/** What nodes that ask models have in common. */
export const askingShape = {
  prompt: z.array(promptMessage, { error: 'expected a list of messages such as - user: text' }),
  input_key: z.string().min(1).nullish(),
  output_role: z.enum(['assistant', 'user', 'system']).nullish(),
  pre_process: functionPath.nullish(),
  post_process: functionPath.nullish(),
  on_truncation: policy,
  on_empty: policy,
  /** Keeps requests and answers in `__chat_history__`; graph_properties say how they are sent along. */
  chat_history: z.boolean().nullish(),
  structured_output: structuredOutput.nullish(),
  /** Parameters of the request; SyGra's tasks have them here too. */
  temperature: z.number().nullish(),
  max_tokens: z.int().min(1).nullish(),
  ...toolShape,
  ...outputKeyShape,
  ...nodeShape,
};
