import { z } from 'zod';
import { functionPath, names } from '../common-schema.ts';
import { nodeShape, outputKeyShape } from './node-shape.ts';

/** Further keys are handed to the function as its configuration. */
export const lambdaNode = z.looseObject({
  node_type: z.literal('lambda'),
  lambda: functionPath,
  /** Ours: the function returns a list of states, each of which becomes a record; none filters it. */
  rows: z.boolean().optional(),
  /** Ours: the function gets the states of all records of the batch or the run, as that of a set_function node. */
  scope: z.enum(['record', 'batch', 'run']).optional(),
  /** With a scope, the state keys that the function gets. */
  fields: names.nullish().catch(null),
  ...outputKeyShape,
  ...nodeShape,
});

export type LambdaNodeConfig = z.output<typeof lambdaNode>;
