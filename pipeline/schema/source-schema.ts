import { z } from 'zod';
import { functionPath, ignored, jsonObject, names } from './common-schema.ts';
import { serviceNowSourceShape } from './servicenow-schema.ts';
import { strictObject } from './strict-object.ts';

export const FILE_FORMATS = ['json', 'jsonl', 'csv', 'parquet'] as const;

export const JOIN_TYPES = ['primary', 'cross', 'column', 'sequential', 'random', 'vstack'] as const;

const transformation = strictObject({
  name: 'a transformation',
  shape: {
    /** A built-in one by SyGra's dotted or our short name, or a function of the task. */
    transform: functionPath,
    params: jsonObject.nullish(),
  },
});

const sourceShape = {
  transformations: z.array(transformation).nullish(),
  on_bad_record: z.enum(['stop', 'skip']).optional(),
  /** Columns to read; default all. */
  fields: names.nullish(),
  /** Of one source among several: prefix of its columns. */
  alias: z.string().min(1).nullish(),
  join_type: z.enum(JOIN_TYPES).nullish(),
  /** Of `join_type: column`: columns of the primary source and of this one that must match. */
  primary_key: z.string().min(1).nullish(),
  join_key: z.string().min(1).nullish(),
};

const diskSource = strictObject({
  name: 'a disk source',
  shape: {
    type: z.literal('disk'),
    file_path: z.string().min(1),
    file_format: z.enum(FILE_FORMATS).optional(),
    encoding: z.string().min(1).optional(),
    ...sourceShape,
  },
  unsupported: { streaming: ignored('Files are always read as a stream.') },
});

const hubSource = strictObject({
  name: 'an hf source',
  shape: {
    type: z.literal('hf'),
    repo_id: z.string().min(1),
    config_name: z.string().min(1).nullish(),
    split: names.nullish(),
    /** `$NAME` of an environment variable. */
    token: z.string().nullish(),
    streaming: z.boolean().nullish(),
    shard: strictObject({
      name: 'shard',
      shape: { regex: z.string().min(1).nullish(), index: z.array(z.int().min(0)).min(1).nullish() },
    }).nullish(),
    ...sourceShape,
  },
});

const serviceNowSource = strictObject({
  name: 'a servicenow source',
  shape: { type: z.literal('servicenow'), ...serviceNowSourceShape, ...sourceShape },
  unsupported: { streaming: ignored('Tables are always read page by page.') },
});

export const sourceSchema = z.discriminatedUnion('type', [diskSource, hubSource, serviceNowSource]);

export type SourceConfig = z.output<typeof sourceSchema>;
export type ServiceNowSourceConfig = z.output<typeof serviceNowSource>;
export type TransformationConfig = z.output<typeof transformation>;
