import { SyngraphError } from '../../pipeline/errors.ts';
import type { FunctionReference, Plan } from '../../pipeline/plan.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { isPython } from '../functions/python/is-python.ts';
import { KIND_METHOD } from '../functions/thread-protocol.ts';
import { callTask } from '../nodes/call-task.ts';
import { loadCode } from '../planning/load-code.ts';

/**
 * Imports each Python module that the plan names, before anything else is done for the run: one that
 * throws would fail every record, after the calls of the nodes before. The process stays for the records.
 * @throws SyngraphError FUNCTION_FAILED, FUNCTION_TIMED_OUT, FUNCTION_CRASHED; WrongWorker where there is no Python
 */
export async function assertPythonLoads(dependencies: ActivityDependencies, plan: Plan): Promise<void> {
  const modules = new Map<string, FunctionReference>();
  for (const reference of Object.keys(plan.bundle?.functions ?? {})) {
    if (isPython(reference)) modules.set(reference.slice(0, reference.lastIndexOf('#')), reference);
  }
  if (modules.size === 0) return;
  const run = await loadCode(dependencies.store, plan);
  for (const [file, reference] of modules) {
    const [outcome] = await callTask({ run, dependencies }, reference, [[]], KIND_METHOD);
    if (outcome?.ok === true) continue;
    throw new SyngraphError({
      code: outcome?.code ?? 'INTERNAL',
      message: `the Python module ${file} cannot be imported: ${outcome?.message ?? 'no answer'}`,
      nextStep: 'Mend the module, or install what it imports for the Python that runs it (SYNGRAPH_PYTHON, or the active virtual environment), then start the run again.',
    });
  }
}
