import type { z } from 'zod';

/**
 * A tool that a model may call: `export const add: Tool<typeof parameters> = { description, parameters, execute }`.
 * A function with the properties `description` and `parameters` is one too.
 */
export interface Tool<Parameters extends z.ZodObject = z.ZodObject> {
  /** What the model calls it. Default: the name under which it is exported, or of the member of its class. */
  name?: string;
  /** Tells the model what the tool does and when to call it. */
  description: string;
  /** Arguments are checked against it; what does not fit goes back to the model, and nothing is executed. */
  parameters: Parameters;
  /** A text, or anything that JSON can hold. What it throws goes back to the model as a text. */
  execute(this: void, values: z.output<Parameters>, context: ToolContext): unknown;
}

export interface ToolContext {
  /** The same whenever this very call is made again, after a crash or in a later run: an idempotency key for effects outside. */
  call: string;
  recordId: string;
  node: string;
}
