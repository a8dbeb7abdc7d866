import { z } from 'zod';
import { functionPath } from '../common-schema.ts';
import { nodeShape, outputKeyShape } from './node-shape.ts';

/** Further keys are handed to the function as its configuration. */
export const lambdaNode = z.looseObject({
  node_type: z.literal('lambda'),
  lambda: functionPath,
  ...outputKeyShape,
  ...nodeShape,
});

export type LambdaNodeConfig = z.output<typeof lambdaNode>;
