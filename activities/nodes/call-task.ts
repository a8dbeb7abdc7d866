import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonValue } from '../../pipeline/json.ts';
import type { FunctionReference } from '../../pipeline/plan.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { FunctionOutcome } from '../functions/function-host.ts';
import type { RunContext } from '../run/run-context.ts';

/** Calls a function of the task's code once per argument list. */
export async function callTask(
  { run, dependencies }: { run: Pick<RunContext, 'bundlePath'>; dependencies: ActivityDependencies },
  reference: FunctionReference,
  argumentLists: JsonValue[][],
  method?: string,
  timeLimitMilliseconds?: number,
): Promise<FunctionOutcome[]> {
  if (argumentLists.length === 0) return [];
  if (run.bundlePath === null) {
    throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan names ${reference} but has no code` });
  }
  const call = { bundlePath: run.bundlePath, function: reference, ...(method === undefined ? {} : { method }), ...(timeLimitMilliseconds === undefined ? {} : { timeLimitMilliseconds }) };
  return dependencies.functions.callEach(call, argumentLists);
}
