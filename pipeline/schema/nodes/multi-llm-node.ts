import { z } from 'zod';
import { functionPath, refused } from '../common-schema.ts';
import { strictObject } from '../strict-object.ts';
import { askingShape, nodeModel } from './asking-shape.ts';

const { tools: _tools, tool_choice: _toolChoice, ...shape } = askingShape;

export const multiLlmNode = strictObject({
  name: 'a multi_llm node',
  shape: {
    node_type: z.literal('multi_llm'),
    /** By the label under which the answer is kept. */
    models: z.record(z.string().min(1), nodeModel).refine((models) => Object.keys(models).length > 0, { error: 'expected at least one model' }),
    ...shape,
    /** Gets what each model's answer has changed, by label; returns the keys to change. */
    multi_llm_post_process: functionPath.nullish(),
    /** How many models must have answered; default all. */
    require: z.union([z.enum(['all', 'any']), z.int().min(1)], { error: 'expected all, any or a number of models' }).nullish(),
    /** `balance`: each record goes to one of the models. */
    mode: z.enum(['all', 'balance']).nullish(),
  },
  unsupported: {
    tools: refused('Let an llm or agent node call tools.'),
    tool_choice: refused('Let an llm or agent node call tools.'),
    samples: refused('Let an llm node draw samples.'),
    n: refused('Let an llm node draw samples.'),
    model: { level: 'error', message: 'is a key of llm nodes', hint: 'Write models, a mapping from labels to models.' },
  },
});

export type MultiLlmNodeConfig = z.output<typeof multiLlmNode>;
