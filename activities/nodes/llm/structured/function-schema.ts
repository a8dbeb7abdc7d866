import { isJsonObject, type JsonObject } from '../../../../pipeline/json.ts';
import type { FunctionReference } from '../../../../pipeline/plan.ts';
import { JSON_SCHEMA_METHOD } from '../../../functions/thread-protocol.ts';
import { callTask } from '../../call-task.ts';
import type { NodeWork } from '../../node-work.ts';

/** The JSON schema of a schema in the task's code; null where it cannot be told, which checking with it does not need. */
export async function describeFunctionSchema(work: NodeWork, reference: FunctionReference): Promise<JsonObject | null> {
  const [outcome] = await callTask(work, reference, [[]], JSON_SCHEMA_METHOD);
  return outcome?.ok === true && isJsonObject(outcome.value) ? outcome.value : null;
}
