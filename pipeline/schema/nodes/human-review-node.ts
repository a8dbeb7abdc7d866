import { z } from 'zod';
import { names } from '../common-schema.ts';
import { strictObject } from '../strict-object.ts';
import { nodeShape } from './node-shape.ts';

/** Ours: somebody approves, edits or rejects each record, while the others go on. */
export const humanReviewNode = strictObject({
  name: 'a human_review node',
  shape: {
    node_type: z.literal('human_review'),
    /** State keys that are shown. Default: all. */
    show: names.nullish(),
    /** State keys that may be edited. Default: none. */
    edit: names.nullish(),
    instructions: z.string().max(10_000).nullish(),
    on_reject: z.enum(['fail', 'filter', 'continue']).optional(),
    /** State key that takes `{decision, comment, reviewer}`. Default: review. */
    decision_key: z.string().min(1).optional(),
    ...nodeShape,
  },
});

export type HumanReviewNodeConfig = z.output<typeof humanReviewNode>;
