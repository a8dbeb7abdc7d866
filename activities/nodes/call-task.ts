import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonValue } from '../../pipeline/json.ts';
import type { FunctionReference } from '../../pipeline/plan.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { FunctionCall, FunctionOutcome } from '../functions/function-host.ts';
import type { RunContext } from '../run/run-context.ts';
import { WrongWorker } from './wrong-worker.ts';

type CallingRun = Pick<RunContext, 'bundlePath' | 'python'> & Partial<Pick<RunContext, 'description'>>;

/** Calls a function of the task's code once per argument list. */
export async function callTask(
  { run, dependencies }: { run: CallingRun; dependencies: ActivityDependencies },
  reference: FunctionReference,
  argumentLists: JsonValue[][],
  method?: string,
  timeLimitMilliseconds?: number,
): Promise<FunctionOutcome[]> {
  if (argumentLists.length === 0) return [];
  if (run.bundlePath === null) {
    throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan names ${reference} but has no code` });
  }
  const call: FunctionCall = {
    bundlePath: run.bundlePath,
    function: reference,
    ...(run.python === null ? {} : { python: run.python }),
    ...(run.description === undefined ? {} : { seed: run.description.seed }),
    ...(method === undefined ? {} : { method }),
    ...(timeLimitMilliseconds === undefined ? {} : { timeLimitMilliseconds }),
  };
  try {
    return await dependencies.functions.callEach(call, argumentLists);
  } catch (error) {
    if (!(error instanceof SyngraphError) || error.code !== 'PYTHON_MISSING') throw error;
    throw new WrongWorker(error.message, error.nextStep ?? 'Install Python.');
  }
}
