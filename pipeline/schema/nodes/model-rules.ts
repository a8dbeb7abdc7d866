import { z } from 'zod';
import { nodeModelSchema } from '../model-schema.ts';
import { rule } from './rule-schema.ts';

/** More than this of one conversation is not worth its time. */
const MOST_TOKENS = 32_768;

/** A folder, a GGUF file, a repository on the Hub or a short name; a mapping with `name` is one of models.yaml. */
const scorer = z.union([z.string().min(1), nodeModelSchema], { error: 'expected a folder, a GGUF file or a repository on the Hub, or {name: …} of a model of models.yaml' });
const tokens = z.int().min(8).max(MOST_TOKENS);
const languages = z.union([z.literal('all'), z.array(z.string().min(2)).min(1)], { error: 'expected a list of languages such as [en], or all' });

/** The rules that need a model. */
export const modelRules = {
  ppl_score: rule('ppl_score', {
    model: scorer.nullish(),
    max: z.number().gt(1).nullish(),
    reject: z.boolean().nullish(),
    max_tokens: tokens.nullish(),
    window: tokens.nullish(),
    overlap: z.int().min(0).nullish(),
    languages: languages.nullish(),
  }),
  ifd_score: rule('ifd_score', { model: scorer.nullish(), max: z.number().positive().nullish(), max_tokens: tokens.nullish(), languages: languages.nullish() }),
  reward_score: rule('reward_score', {
    model: scorer.nullish(),
    min: z.number().nullish(),
    reject: z.boolean().nullish(),
    max_tokens: tokens.nullish(),
    label: z.union([z.string().min(1), z.int().min(0)]).transform(String).nullish(),
  }),
};
