import { z } from 'zod';
import { PII_KINDS, TOKEN_ENCODINGS } from '../../quality-rules.ts';
import { strictObject } from '../strict-object.ts';
import { modelRules } from './model-rules.ts';
import { benchmark } from './benchmark.ts';
import { nodeShape } from './node-shape.ts';
import { rule } from './rule-schema.ts';

/** Words of an n-gram: 2 to 99. */
const SIZE = /^(?:[2-9]|[1-9]\d)$/;
const share = z.number().min(0).max(1);

const languageShape = {
  languages: z.array(z.string().min(2)).min(1).optional(),
  confidence: share.optional(),
  code_confidence: share.optional(),
};

const lengthShape = { min_turns: z.int().min(0).optional(), max_turns: z.int().min(1).optional() };

export const qualityRules = strictObject({
  name: 'the rules of a quality node',
  shape: {
    conversation_pretokenization: rule('conversation_pretokenization', {
      encoding: z.enum(TOKEN_ENCODINGS).optional(),
      /** Folder or repository on the Hub with tokenizer.json, and its chat template; instead of `encoding`. */
      tokenizer: z.string().min(1).nullish(),
      /** File with a chat template in Jinja, instead of the tokenizer's own. */
      chat_template: z.string().min(1).nullish(),
      max_tokens: z.int().min(1).nullish(),
    }),
    language_tagging: rule('language_tagging', languageShape),
    /** The paper's name of it. */
    language_detection: rule('language_detection', languageShape),
    conversation_length: rule('conversation_length', lengthShape),
    /** The paper's name of it. */
    conversation_length_check: rule('conversation_length_check', lengthShape),
    metadata_tagging: z.boolean().optional(),
    lexical_diversity: rule('lexical_diversity', { min_ttr: share.optional(), mtld_factor: z.number().gt(0).lt(1).optional(), min_mtld: z.number().min(0).nullish() }),
    data_characteristics: z.boolean().optional(),
    repetition: rule('repetition', {
      min_words: z.int().min(1).optional(),
      duplicate_lines: share.optional(),
      duplicate_line_characters: share.optional(),
      duplicate_turns: share.optional(),
      /** Size of an n-gram to the share that is allowed. */
      top_ngrams: z.record(z.string().regex(SIZE), share).optional(),
      duplicate_ngrams: z.record(z.string().regex(SIZE), share).optional(),
    }),
    boilerplate: rule('boilerplate', { reject: z.boolean().optional() }),
    pii: rule('pii', { kinds: z.array(z.enum(PII_KINDS)).min(1).optional(), action: z.enum(['tag', 'mask']).optional(), reject: z.boolean().optional() }),
    completeness: rule('completeness', { reject: z.boolean().optional() }),
    toxicity: rule('toxicity', { max: share.nullish() }),
    contamination: rule('contamination', {
      benchmarks: z.array(benchmark).min(1).optional(),
      words: z.int().min(2).max(99).optional(),
      min_words: z.int().min(2).max(99).optional(),
      reject: z.boolean().optional(),
    }),
    ...modelRules,
  },
});

/** Ours: the rules of the paper's section 4.1, and more. */
export const qualityNode = strictObject({
  name: 'a quality node',
  shape: {
    node_type: z.literal('quality'),
    /** State key of the conversation: a list of messages, or a text. Absent: it is looked for as in training files. */
    messages: z.string().min(1).nullish(),
    /** Rules that are not named are on with their defaults, but for those that need a model. */
    rules: qualityRules.optional(),
    mode: z.enum(['tag', 'filter', 'fail']).optional(),
    /** State key that takes `quality_characteristics.heuristic_based`. Default: metadata. */
    into: z.string().min(1).optional(),
    ...nodeShape,
  },
});

export type QualityNodeConfig = z.output<typeof qualityNode>;
