import { z } from 'zod';
import { functionPath, jsonValue, nodeName, nodeNames } from './common-schema.ts';
import { dataQualitySchema } from './data-quality-schema.ts';
import { nodeSchema } from './node-schema.ts';
import { oasstMapperSchema } from './oasst-schema.ts';
import { postProcessSchema } from './post-process-schema.ts';
import { dataConfigSchema } from './data-schema.ts';
import { strictObject } from './strict-object.ts';

/** `from` and `to`, or `from`, `condition` and `path_map`; the compiler checks which. */
const edgeSchema = strictObject({
  name: 'an edge',
  shape: {
    from: nodeName,
    to: nodeNames.nullish(),
    condition: functionPath.nullish(),
    path_map: z.record(z.string(), nodeNames).nullish(),
  },
});

const graphConfigSchema = strictObject({
  name: 'graph_config',
  shape: {
    nodes: z.record(z.string(), nodeSchema),
    edges: z.array(edgeSchema),
    /** Free keys; `max_visits` is ours. */
    graph_properties: z
      .looseObject({
        max_visits: z.int().min(1).max(100_000).optional(),
        chat_conversation: z.enum(['singleturn', 'multiturn']).nullish(),
        chat_history_window_size: z.int().min(1).max(10_000).nullish(),
      })
      .nullish(),
  },
});

const outputFieldSchema = strictObject({
  name: 'a field of output_map',
  shape: { from: z.string().min(1).nullish(), value: jsonValue.optional(), transform: z.string().min(1).nullish() },
});

const outputConfigSchema = strictObject({
  name: 'output_config',
  shape: {
    generator: functionPath.nullish(),
    output_map: z.record(z.string(), outputFieldSchema).nullish(),
    oasst_mapper: oasstMapperSchema.nullish(),
    data_quality: dataQualitySchema.nullish(),
    /** Ours: each row says where it comes from. */
    provenance: z.boolean().nullish(),
  },
});

const schemaFieldSchema = strictObject({
  name: 'a field of schema_config',
  shape: {
    name: z.string().min(1),
    /** A Python-style type such as `list[dict[str, any]]`. */
    type: z.string().min(1),
    /** The field may be absent or null. */
    optional: z.boolean().optional(),
    is_greater_than: z.number().optional(),
    is_less_than: z.number().optional(),
    is_equal_to: jsonValue.optional(),
    /** JavaScript's syntax with the flag u, found anywhere in the text unless anchored. */
    regex: z.string().max(1000).optional(),
    min_length: z.int().min(0).optional(),
    max_length: z.int().min(0).optional(),
    enum: z.array(jsonValue).min(1).optional(),
  },
});

const schemaConfigSchema = strictObject({
  name: 'schema_config',
  shape: { schema: functionPath.nullish(), fields: z.array(schemaFieldSchema).nullish() },
});

const targetSchema = strictObject({
  name: 'a target',
  shape: {
    /** Accepted records that are wanted. */
    records: z.int().min(1),
    /** A condition over the state at END. Absent: all that make a row are accepted. */
    where: z.string().min(1).nullish(),
    /** Candidates that are drawn at most. Default: ten for each record. */
    max_candidates: z.int().min(1).optional(),
  },
});

export const pipelineSchema = strictObject({
  name: 'a pipeline',
  shape: {
    data_config: dataConfigSchema.nullish(),
    graph_config: graphConfigSchema,
    output_config: outputConfigSchema.nullish(),
    schema_config: schemaConfigSchema.nullish(),
    graph_post_process: postProcessSchema.nullish(),
    /** Ours: candidates are drawn until so many are accepted. */
    target: targetSchema.nullish(),
    /** Language of the task's functions; absent: Python where no TypeScript of the same name is there. */
    helpers: z.enum(['python', 'typescript']).nullish(),
  },
});

export type PipelineConfig = z.output<typeof pipelineSchema>;
export type EdgeConfig = z.output<typeof edgeSchema>;
export type SchemaFieldConfig = z.output<typeof schemaFieldSchema>;
export type OutputFieldConfig = z.output<typeof outputFieldSchema>;
