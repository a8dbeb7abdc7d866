import { SyngraphError } from '../../pipeline/errors.ts';

/** The task as argument or as `--task`. @throws SyngraphError USAGE where there is none, or two */
export function taskArgument(positional: string | undefined, options: { task?: string }): string {
  if (positional !== undefined && options.task !== undefined && positional !== options.task) {
    throw new SyngraphError({ code: 'USAGE', message: `two tasks are named: ${positional} and ${options.task}`, nextStep: 'Name one.' });
  }
  const task = positional ?? options.task;
  if (task === undefined || task === '') {
    throw new SyngraphError({
      code: 'USAGE',
      message: 'no task is named',
      nextStep: 'Name a task folder or a YAML file, e.g. syngraph run examples/rephrase; syngraph init makes a new one.',
    });
  }
  return task;
}
