import { z } from 'zod';
import { functionPath, names } from '../common-schema.ts';
import { strictObject } from '../strict-object.ts';
import { llmNode } from './llm-node.ts';
import { nodeShape, outputKeyShape } from './node-shape.ts';

/** Ours: nodes that see all records of their batch, or of the run, at once. */
const setShape = {
  scope: z.enum(['batch', 'run']).optional(),
  ...nodeShape,
};

/** A key of the state, or a path into it such as `judge.score`. */
const field = z.string().min(1);

const report = z.union(
  [
    z
      .string()
      .min(1)
      .transform((file) => ({ file })),
    strictObject({
      name: 'a report of duplicates',
      shape: {
        file: z.string().min(1).nullish(),
        form: z.enum(['lines', 'document']).optional(),
        max_pairs: z.int().min(0).max(1_000_000).optional(),
        id_field: field.nullish(),
      },
    }),
  ],
  { error: 'expected the name of a file, or a mapping with file, form, max_pairs and id_field' },
);

export const deduplicateNode = strictObject({
  name: 'a deduplicate node',
  shape: {
    node_type: z.literal('deduplicate'),
    field,
    method: z.enum(['exact', 'minhash', 'embedding']).optional(),
    threshold: z.number().gt(0).max(1).optional(),
    shingle: z.int().min(1).max(100).optional(),
    shingle_unit: z.enum(['word', 'character']).optional(),
    permutations: z.int().min(16).max(1024).optional(),
    model: llmNode.shape.model.optional(),
    mode: z.enum(['nearest_neighbor', 'all_pairs']).optional(),
    keep: z.enum(['first', 'last']).optional(),
    /** `tag`: duplicates stay, and are rejected as by a rule of quality under `into`. */
    on_duplicate: z.enum(['drop', 'tag']).optional(),
    into: z.string().min(1).optional(),
    report: report.nullish(),
    ...setShape,
  },
});

export const selectDiverseNode = strictObject({
  name: 'a select_diverse node',
  shape: {
    node_type: z.literal('select_diverse'),
    field,
    count: z.int().min(1),
    model: llmNode.shape.model.optional(),
    ...setShape,
  },
});

export const rankNode = strictObject({
  name: 'a rank node',
  shape: {
    node_type: z.literal('rank'),
    by: field,
    order: z.enum(['ascending', 'descending']).optional(),
    group_by: field.nullish(),
    top: z.int().min(1).nullish(),
    rank_key: z.string().min(1).optional(),
    ...setShape,
  },
});

const FUNCTIONS = ['count', 'sum', 'mean', 'min', 'max', 'values'] as const;

const aggregateFunction = z.union(
  [
    z.literal('count').transform((kind): { function: (typeof FUNCTIONS)[number]; field?: string | undefined } => ({ function: kind })),
    strictObject({ name: 'a figure of an aggregate node', shape: { function: z.enum(FUNCTIONS), field: field.optional() } }),
  ],
  { error: 'expected count, or a mapping with function and field' },
);

export const aggregateNode = strictObject({
  name: 'an aggregate node',
  shape: {
    node_type: z.literal('aggregate'),
    group_by: field.nullish(),
    into: z.string().min(1).optional(),
    functions: z.record(z.string(), aggregateFunction),
    ...setShape,
  },
});

/** Further keys are handed to the function as its configuration, as those of a lambda node are. */
export const setFunctionNode = z.looseObject({
  node_type: z.literal('set_function'),
  function: functionPath,
  /** State keys that the function gets. Default: all. */
  fields: names.nullish(),
  ...outputKeyShape,
  ...setShape,
});

export const setNodes = [deduplicateNode, selectDiverseNode, rankNode, aggregateNode, setFunctionNode] as const;

export type DeduplicateNodeConfig = z.output<typeof deduplicateNode>;
export type SelectDiverseNodeConfig = z.output<typeof selectDiverseNode>;
export type RankNodeConfig = z.output<typeof rankNode>;
export type AggregateNodeConfig = z.output<typeof aggregateNode>;
export type SetFunctionNodeConfig = z.output<typeof setFunctionNode>;
export type SetNodeConfig = DeduplicateNodeConfig | SelectDiverseNodeConfig | RankNodeConfig | AggregateNodeConfig | SetFunctionNodeConfig;
