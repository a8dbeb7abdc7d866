import { z } from 'zod';
import { FALLBACK_CAUSES } from '../node-plans.ts';
import { strictObject } from './strict-object.ts';

const names = z.array(z.string().min(1), { error: 'expected a list of models' }).min(1);

const spelledOut = strictObject({
  name: 'fallbacks',
  shape: {
    models: names,
    /** Seconds. */
    after: z.number().min(0).max(86_400).nullish(),
    on: z.array(z.enum(FALLBACK_CAUSES)).min(1).nullish(),
  },
});

/** Models of models.yaml that answer while this one does not. */
export const fallbacksSchema = z.union([names, spelledOut], { error: 'expected a list of models, or a mapping with models' });

export type FallbacksConfig = z.output<typeof fallbacksSchema>;
