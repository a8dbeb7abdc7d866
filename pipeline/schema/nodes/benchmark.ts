import { z } from 'zod';
import { FILE_FORMATS, sourceSchema, type SourceConfig } from '../source-schema.ts';

const FILE = new RegExp(`\\.(?:${FILE_FORMATS.join('|')})$`);

/** A source; or the name of a file, or the id of a dataset on the Hub, whose test split is meant. */
export const benchmark = z.union(
  [
    z
      .string()
      .min(1)
      .transform((text): SourceConfig => (FILE.test(text) ? { type: 'disk', file_path: text } : { type: 'hf', repo_id: text, split: ['test'] })),
    sourceSchema,
  ],
  { error: `expected a file (${FILE_FORMATS.map((format) => `.${format}`).join(', ')}), the id of a dataset on the Hub, or a source as in data_config` },
);
