import { z } from 'zod';
import type { JsonObject } from './json.ts';
import { pipelineSchema } from './schema/pipeline-schema.ts';

/** JSON Schema of the pipeline file, for editors; made from the schema that reads it. */
export function pipelineJsonSchema(): JsonObject {
  const schema = z.toJSONSchema(pipelineSchema, { io: 'input', target: 'draft-2020-12', reused: 'ref' }) as JsonObject;
  return {
    ...schema,
    title: 'Syngraph pipeline',
    description: 'A graph of steps that makes a dataset, in the task format of SyGra.',
    // As the reader does: keys that begin with x- hold anchors.
    patternProperties: { '^x-': {} },
  };
}
