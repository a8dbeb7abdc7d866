import { z } from 'zod';
import { jsonValue, names } from '../common-schema.ts';
import { sourceSchema } from '../source-schema.ts';
import { strictObject } from '../strict-object.ts';
import { nodeShape } from './node-shape.ts';

const samplerSource = strictObject({
  name: 'values from a source',
  shape: { column: names, source: sourceSchema },
});

const samplerAttribute = strictObject({
  name: 'an attribute of a sampler',
  shape: {
    values: z.union([z.array(jsonValue), samplerSource], {
      error: 'expected a list of values, or a mapping with column and source',
    }),
    weights: z.array(z.number()).nullish(),
  },
});

export const samplerNode = strictObject({
  name: 'a weighted_sampler node',
  shape: { node_type: z.literal('weighted_sampler'), attributes: z.record(z.string(), samplerAttribute), ...nodeShape },
});

export type SamplerNodeConfig = z.output<typeof samplerNode>;
