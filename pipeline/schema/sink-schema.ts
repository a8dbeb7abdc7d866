import { z } from 'zod';
import { ignored, isOff } from './common-schema.ts';
import { serviceNowSinkShape } from './servicenow-schema.ts';
import { FILE_FORMATS } from './source-schema.ts';
import { strictObject } from './strict-object.ts';

const every = {
  /** Among several sinks: takes the output columns `alias->column`. */
  alias: z.string().min(1).nullish(),
  /** Ours: only rows that meet the condition. Default: all. */
  where: z.string().min(1).nullish(),
};

const unused = {
  chunk_size: ignored('Parts are as large as they can be written at once.'),
  filename: ignored('The name follows from file_path, or from the split.'),
};

const fileShape = { file_path: z.string().min(1), encoding: z.string().min(1).optional(), ...every };

const fileSink = strictObject({
  name: 'a file sink',
  shape: { type: z.enum(FILE_FORMATS), ...fileShape },
  unsupported: unused,
});

/** SyGra's other spelling: the format is that of the name. A sink without type is one too. */
const diskSink = strictObject({
  name: 'a disk sink',
  shape: {
    type: z.literal('disk').optional(),
    file_format: z.enum(FILE_FORMATS).optional(),
    file_type: z.enum(FILE_FORMATS).optional(),
    ...fileShape,
  },
  unsupported: unused,
});

const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,95}$/, { error: 'expected a name of the Hub: letters, digits, dots, dashes' });
const wordList = z.union([word.transform((one) => [one]), z.array(word)], { error: 'expected a name of the Hub or a list of them' });

/** Ours: fields of the dataset's card. */
const hubCard = strictObject({
  name: 'the card of an hf sink',
  shape: {
    license: word.optional(),
    license_name: z.string().min(1).optional(),
    license_link: z.string().min(1).optional(),
    pretty_name: z.string().min(1).optional(),
    description: z.string().min(1).optional(),
    language: wordList.optional(),
    task_categories: wordList.optional(),
    tags: wordList.optional(),
  },
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
    /** false: the card only names the split. */
    card: z.union([z.literal(false), hubCard]).nullish(),
    ...every,
  },
  unsupported: {
    ...unused,
    push_to_hub: {
      level: 'error',
      message: 'An hf sink is always pushed',
      hint: 'Leave the sink out to push nothing.',
      harmless: (value: unknown) => !isOff(value),
    },
  },
});

const serviceNowSink = strictObject({
  name: 'a servicenow sink',
  shape: { type: z.literal('servicenow'), ...serviceNowSinkShape, ...every },
  unsupported: unused,
});

export const sinkSchema = z.discriminatedUnion('type', [fileSink, diskSink, hubSink, serviceNowSink]);

export type SinkConfig = z.output<typeof sinkSchema>;
