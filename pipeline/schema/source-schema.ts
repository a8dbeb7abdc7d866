import { z } from 'zod';
import { functionPath, ignored, jsonObject, names, refused } from './common-schema.ts';
import { strictObject } from './strict-object.ts';

const FILE_FORMATS = ['json', 'jsonl', 'csv', 'parquet'] as const;

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
};

const joins = {
  alias: refused('Only one source can be read so far, and its columns have no prefix.'),
  join_type: refused('Only one source can be read so far.'),
  primary_key: refused(),
  join_key: refused(),
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
  unsupported: { ...joins, fields: refused('Drop columns with a user transform.') },
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
    ...sourceShape,
  },
  unsupported: {
    ...joins,
    fields: refused('Drop columns with a user transform.'),
    shard: refused('Leave records out with skip_records.'),
  },
});

export const sourceSchema = z.discriminatedUnion('type', [diskSource, hubSource]);

const fileSink = strictObject({
  name: 'a file sink',
  shape: {
    type: z.enum(FILE_FORMATS),
    file_path: z.string().min(1),
    encoding: z.string().min(1).optional(),
  },
  unsupported: { alias: refused('All columns go to every sink.') },
});

const hubSink = strictObject({
  name: 'an hf sink',
  shape: {
    type: z.literal('hf'),
    repo_id: z.string().min(1),
    config_name: z.string().min(1).nullish(),
    split: z.string().min(1).nullish(),
    token: z.string().nullish(),
    private: z.boolean().nullish(),
  },
  unsupported: {
    alias: refused('All columns go to every sink.'),
    filename: refused('The name of the file in the repository follows from its split.'),
    chunk_size: ignored('Uploads choose the size of their parts themselves.'),
  },
});

const sinkSchema = z.discriminatedUnion('type', [fileSink, hubSink]);

export const dataConfigSchema = strictObject({
  name: 'data_config',
  shape: {
    source: z
      .union([sourceSchema, z.array(sourceSchema)], { error: 'expected a source: a mapping with a type' })
      .nullish(),
    sink: z
      .union([sinkSchema.transform((sink) => [sink]), z.array(sinkSchema)], {
        error: 'expected a sink or a list of sinks',
      })
      .nullish(),
    id_column: z.string().min(1).nullish(),
  },
  unsupported: { resumable: ignored('Every run can be resumed.') },
});

export type SourceConfig = z.output<typeof sourceSchema>;
export type SinkConfig = z.output<typeof sinkSchema>;
export type TransformationConfig = z.output<typeof transformation>;
export type DataConfig = z.output<typeof dataConfigSchema>;
