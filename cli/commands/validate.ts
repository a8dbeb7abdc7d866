import type { CommandContext } from '../context.ts';
import { taskArgument } from '../options/task-argument.ts';
import { compileTask } from '../session/compile-task.ts';

/** `syngraph validate`: everything that is wrong with a pipeline, all at once, with its place. */
export async function execute(context: CommandContext, [positional]: (string | undefined)[], options: { task?: string; models?: string }): Promise<number> {
  const task = taskArgument(positional, options);
  const { plan, planHash, diagnostics, rendered } = await compileTask(context, { task, ...options });
  const { terminal, isJson } = context;
  if (rendered !== '') terminal.warn(rendered);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (plan === null) terminal.warn(`\n${terminal.colours.red(`${errors} ${errors === 1 ? 'error' : 'errors'}`)} in ${task}.`);
  else {
    const models = Object.keys(plan.models);
    const withModels = models.length === 0 ? 'no model' : models.join(', ');
    terminal.tell(`${terminal.colours.green('valid')} ${plan.pipeline}: ${plan.nodes.length} nodes, ${withModels}`);
  }
  if (isJson) terminal.result(JSON.stringify({ valid: plan !== null, pipeline: plan?.pipeline ?? null, planHash, diagnostics }));
  return plan === null ? 2 : 0;
}
