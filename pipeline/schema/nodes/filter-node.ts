import { z } from 'zod';
import { functionPath } from '../common-schema.ts';
import { strictObject } from '../strict-object.ts';
import { nodeShape } from './node-shape.ts';

/** Ours: `where` or `function`; the compiler checks that it is one of them. */
export const filterNode = strictObject({
  name: 'a filter node',
  shape: {
    node_type: z.literal('filter'),
    /** A condition such as `judge.score >= 4`; records that meet it go on. */
    where: z.string().min(1).nullish(),
    /** `(state) => boolean`, or a class with apply. */
    function: functionPath.nullish(),
    ...nodeShape,
  },
});

export type FilterNodeConfig = z.output<typeof filterNode>;
