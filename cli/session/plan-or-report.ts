import type { Plan } from '../../pipeline/plan.ts';
import type { CommandContext } from '../context.ts';
import { compileTask } from './compile-task.ts';

/** A plan that is in the store. */
export interface PlannedTask {
  plan: Plan;
  planHash: string;
}

/**
 * Compiles the task. What is wrong with it is written to standard error, all at once; null means
 * that there were errors, and that nothing may start.
 */
export async function planOrReport(context: CommandContext, task: { task: string; models?: string }): Promise<PlannedTask | null> {
  const { terminal, isJson } = context;
  const { plan, planHash, diagnostics, rendered } = await compileTask(context, task);
  if (rendered !== '') terminal.warn(rendered);
  if (plan !== null && planHash !== null) return { plan, planHash };
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const message = `${errors} ${errors === 1 ? 'error' : 'errors'} in ${task.task}; nothing was started`;
  terminal.warn(`\n${terminal.colours.red(message)}.`);
  if (isJson) terminal.result(JSON.stringify({ error: { code: 'PIPELINE_INVALID', message, nextStep: null }, diagnostics }));
  return null;
}
