import { z } from 'zod';
import { functionPath, jsonObject } from './common-schema.ts';
import { strictObject } from './strict-object.ts';

/** What is done to the dataset as a whole: a processor by its path, or with its parameters. */
const processor = z.union(
  [
    functionPath.transform((path) => ({ processor: path, params: null, use_previous_output: null })),
    strictObject({
      name: 'a processor of graph_post_process',
      shape: {
        processor: functionPath,
        params: jsonObject.nullish(),
        /** It gets what the processor before has returned instead of the rows. Deduplication always builds on the one before. */
        use_previous_output: z.boolean().nullish(),
      },
    }),
  ],
  { error: 'expected the path of a class, or a mapping with processor and params' },
);

export const postProcessSchema = z.union([z.array(processor), processor.transform((one) => [one])], {
  error: 'expected a list of processors',
});

/** The parameters of SyGra's SemanticDedupPostProcessor. */
export const semanticDedupParams = strictObject({
  name: 'the parameters of SemanticDedupPostProcessor',
  shape: {
    field: z.string().min(1).optional(),
    similarity_threshold: z.number().gt(0).max(1).optional(),
    id_field: z.string().min(1).nullish(),
    embedding_backend: z.literal('sentence_transformers').optional(),
    embedding_model: z.string().min(1).optional(),
    report_filename: z.string().min(1).nullish(),
    keep: z.enum(['first', 'last']).optional(),
    max_pairs_in_report: z.int().min(0).max(1_000_000).optional(),
    dedup_mode: z.enum(['nearest_neighbor', 'all_pairs']).optional(),
    /** Neighbours that are looked at: ours looks at all of them. */
    vectorstore_k: z.int().min(1).optional(),
  },
});

export type PostProcessConfig = z.output<typeof postProcessSchema>;
export type SemanticDedupParams = z.output<typeof semanticDedupParams>;
