import type { Plan } from '../../pipeline/plan.ts';
import type { CommandContext } from '../context.ts';
import { compileTask, type TaskToCompile } from './compile-task.ts';

/** A plan that is in the store. */
export interface PlannedTask {
  plan: Plan;
  planHash: string;
}

/**
 * Compiles the task. What is wrong with it is written to standard error, all at once; null means
 * that there were errors, and that nothing may start.
 */
export async function planOrReport(context: CommandContext, task: TaskToCompile): Promise<PlannedTask | null> {
  const { terminal, isJson } = context;
  const { plan, planHash, diagnostics, rendered } = await compileTask(context, task);
  if (rendered !== '') terminal.warn(rendered);
  if (plan !== null && planHash !== null) return { plan, planHash };
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const where = task.places === undefined ? task.task : [...new Set(errors.map(({ file }) => file))].join(', ');
  const message = `${errors.length} ${errors.length === 1 ? 'error' : 'errors'} in ${where}; nothing was started`;
  terminal.warn(`\n${terminal.colours.red(message)}.`);
  if (isJson) terminal.result(JSON.stringify({ error: { code: 'PIPELINE_INVALID', message, nextStep: null }, diagnostics }));
  return null;
}
