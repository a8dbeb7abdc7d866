import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject } from '../../pipeline/json.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { TransformFunctions } from '../data/open-source.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { callTask } from '../nodes/call-task.ts';
import { loadCode } from '../planning/load-code.ts';

/** The task's own transformations, as readers of sources call them. */
export async function taskTransformFunctions(dependencies: ActivityDependencies, plan: Plan): Promise<TransformFunctions> {
  const scope = { run: await loadCode(dependencies.store, plan), dependencies };
  return {
    async filter(reference, row, params) {
      const [outcome] = await callTask(scope, reference, [[row, params]]);
      if (outcome?.ok === true) return Boolean(outcome.value);
      throw new SyngraphError({ code: 'FUNCTION_FAILED', message: `the filter ${reference} failed: ${outcome?.message ?? ''}` });
    },
    async transform(reference, rows, params) {
      const isClass = plan.bundle?.functions[reference] === 'class';
      const [outcome] = await callTask(scope, reference, [[rows, params]], isClass ? 'transform' : undefined);
      if (outcome?.ok === true && Array.isArray(outcome.value) && outcome.value.every(isJsonObject)) return outcome.value;
      const reason = outcome?.ok === false ? outcome.message : 'it returned something else than a list of records';
      throw new SyngraphError({ code: 'FUNCTION_FAILED', message: `the transformation ${reference} failed: ${reason}` });
    },
  };
}
