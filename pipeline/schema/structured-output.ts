import { z } from 'zod';
import { functionPath, jsonObject, jsonValue } from './common-schema.ts';
import { strictObject } from './strict-object.ts';

const field = strictObject({
  name: 'a field of a structured output',
  shape: {
    /** A Python-style type such as `int` or `list[str]`. */
    type: z.string().min(1),
    description: z.string().nullish(),
    /** What the field holds where the answer lacks it; without a default it must be there. */
    default: jsonValue.optional(),
  },
});

const fieldList = strictObject({
  name: 'a list of fields',
  shape: {
    name: z.string().min(1).nullish(),
    fields: z.record(z.string().min(1), field).refine((fields) => Object.keys(fields).length > 0, { error: 'expected at least one field' }),
  },
});

/** Of a node or of a model: what an answer must look like. */
export const structuredOutput = strictObject({
  name: 'structured_output',
  shape: {
    enabled: z.boolean().nullish(),
    schema: z.union([functionPath, fieldList], { error: 'expected a schema such as ./schemas.ts#Answer, or a mapping with fields' }).nullish(),
    json_schema: jsonObject.nullish(),
    /** `native`: the server constrains the answer where it can; `prompt`: it is asked for in the prompt. */
    strategy: z.enum(['native', 'prompt']).nullish(),
    /** Where the server cannot: say in the prompt what is wanted, or only check the answer. */
    fallback_strategy: z.enum(['instruction', 'post_process']).nullish(),
    retry_on_parse_error: z.boolean().nullish(),
    max_parse_retries: z.int().min(0).max(20).nullish(),
  },
  unsupported: {
    type: { level: 'warning', harmless: (value) => value === 'class' || value === 'schema', hint: 'The schema itself says which it is.' },
  },
});

export type StructuredOutputConfig = z.output<typeof structuredOutput>;
