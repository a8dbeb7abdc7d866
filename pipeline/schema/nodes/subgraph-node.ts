import { z } from 'zod';
import { strictObject } from '../strict-object.ts';
import { nodeShape } from './node-shape.ts';

const placeholderMap = z.record(z.string().min(1), z.string().min(1)).nullish();

/** What differs in one inner node; checked once it has been merged over that node. */
const innerNode = z.looseObject({ prompt_placeholder_map: placeholderMap }).nullable();

export const subgraphNode = strictObject({
  name: 'a subgraph node',
  shape: {
    node_type: z.literal('subgraph'),
    /** `tasks.examples.foo.inner`, `./folder`, a YAML file, or a recipe such as `syngraph.recipes.quality_judge`. */
    subgraph: z.string().min(1),
    node_config_map: z.record(z.string(), innerNode).nullish(),
    /** Ours: renames variables in the prompts of all inner nodes. */
    prompt_placeholder_map: placeholderMap,
    ...nodeShape,
  },
});

export type SubgraphNodeConfig = z.output<typeof subgraphNode>;
