import { z } from 'zod';
import { functionPath } from '../common-schema.ts';
import { nodeShape, outputKeyShape } from './node-shape.ts';

/** Further keys are handed to the function as its configuration. */
export const lambdaNode = z.looseObject({
  node_type: z.literal('lambda'),
  lambda: functionPath,
  /** Ours: the function returns a list of states, each of which becomes a record; none filters it. */
  rows: z.boolean().optional(),
  ...outputKeyShape,
  ...nodeShape,
});

export type LambdaNodeConfig = z.output<typeof lambdaNode>;
