import type { CommandContext } from '../context.ts';

/** `syngraph schema`: the JSON Schema of the pipeline file, for editors. */
export async function execute(context: CommandContext): Promise<number> {
  const { pipelineJsonSchema } = await import('../../pipeline/json-schema.ts');
  context.terminal.result(JSON.stringify(pipelineJsonSchema(), null, 2));
  return 0;
}
