import { z } from 'zod';
import { strictObject } from '../strict-object.ts';
import { nodeShape } from './node-shape.ts';

/** Ours: one record becomes one for each item of a list. */
export const fanOutNode = strictObject({
  name: 'a fan_out node',
  shape: {
    node_type: z.literal('fan_out'),
    /** State key of the list, or a dotted path to it. */
    items: z.string().min(1),
    /** State key that takes the item. Default: item. */
    as: z.string().min(1).optional(),
    /** State key that takes the item's number, from 0. */
    index_key: z.string().min(1).nullish(),
    ...nodeShape,
  },
});

export type FanOutNodeConfig = z.output<typeof fanOutNode>;
