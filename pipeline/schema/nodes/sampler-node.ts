import { z } from 'zod';
import { strictObject } from '../strict-object.ts';
import { nodeShape } from './node-shape.ts';
import { samplerAttribute } from './sampler-attribute.ts';

export const samplerNode = strictObject({
  name: 'a weighted_sampler node',
  shape: { node_type: z.literal('weighted_sampler'), attributes: z.record(z.string(), samplerAttribute), ...nodeShape },
});

export type SamplerNodeConfig = z.output<typeof samplerNode>;
