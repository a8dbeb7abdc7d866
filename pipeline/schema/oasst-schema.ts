import { z } from 'zod';
import { strictObject } from './strict-object.ts';

/** YAML 1.1 reads an unquoted yes as true. */
const yesOrNo = z.union([z.enum(['yes', 'no']), z.boolean()], { error: 'expected "yes" or "no"' }).transform((value) => value === true || value === 'yes');

/** SyGra's data mapper: the rows become OASST rows. */
export const oasstMapperSchema = strictObject({
  name: 'oasst_mapper',
  shape: {
    required: yesOrNo,
    type: z.enum(['sft', 'dpo']).optional(),
    /** The rows are written as they are, too. */
    intermediate_writing: yesOrNo.optional(),
  },
});
