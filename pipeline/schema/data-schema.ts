import { z } from 'zod';
import { ignored } from './common-schema.ts';
import { sinkSchema } from './sink-schema.ts';
import { sourceSchema } from './source-schema.ts';
import { strictObject } from './strict-object.ts';

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

export type DataConfig = z.output<typeof dataConfigSchema>;
