import { z } from 'zod';
import { names } from '../common-schema.ts';

export const nodeShape = {
  /** An idle node is switched off: what leads to it goes on to where it leads. */
  node_state: z.enum(['active', 'idle']).nullish(),
  /** SyGra's studio labels nodes with it. */
  node_name: z.string().nullish(),
};

export const outputKeyShape = {
  output_keys: names.nullish(),
  /** Deprecated spellings. */
  output_key: names.nullish(),
  output_vars: names.nullish(),
};
