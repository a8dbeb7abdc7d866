import type { JsonObject } from '../../../pipeline/json.ts';
import type { FunctionReference } from '../../../pipeline/plan.ts';
import type { BadRecordPolicy } from '../row-fault.ts';

/** How a source reaches the task's own code. Rejections name the function and what it said. */
export interface TransformFunctions {
  /** Whether the row stays. Called for several rows at once. */
  filter(reference: FunctionReference, row: JsonObject, params: JsonObject): Promise<boolean>;
  transform(reference: FunctionReference, rows: JsonObject[], params: JsonObject): Promise<JsonObject[]>;
}

export interface TransformContext {
  functions: TransformFunctions;
  onBadRecord: BadRecordPolicy;
  /** The source, for messages. */
  name: string;
  signal: AbortSignal;
}
