import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { CommandContext } from '../context.ts';
import { taskArgument } from '../options/task-argument.ts';
import type { RunOptions } from '../run/run-request.ts';

/** `syngraph run`: chooses between a new run, one to go on with, one for the daemon, and none at all. */
export async function execute(context: CommandContext, [positional]: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const flags = options as RunOptions;
  if (flags.resume !== undefined) return resume(context, { positional, flags });
  const task = taskArgument(positional, flags);
  if (flags.dryRun === true) return (await import('../run/dry-run.ts')).dryRun(context, { task, flags });
  if (flags.detach === true) return (await import('../run/detach-run.ts')).detachRun(context, { task, flags });
  return (await import('../run/start-run.ts')).startRun(context, { task, flags });
}

async function resume(context: CommandContext, { positional, flags }: { positional: string | undefined; flags: RunOptions }): Promise<number> {
  for (const flag of ['dryRun', 'detach'] as const) {
    if (flags[flag] !== true) continue;
    const spelling = flag === 'dryRun' ? '--dry-run' : '--detach';
    throw new SyngraphError({ code: 'USAGE', message: `--resume and ${spelling} do not go together`, nextStep: `Leave out ${spelling}.` });
  }
  let run = flags.resume === true ? (flags.runId ?? null) : flags.resume!;
  let task = positional ?? flags.task ?? null;
  // `run --resume examples/foo`: the flag has taken the task for its value.
  if (task === null && run !== null && flags.resume !== true && existsSync(resolve(context.workingDirectory, run))) [task, run] = [run, null];
  const { resumeRun } = await import('../run/resume-run.ts');
  return resumeRun(context, { task, run, flags });
}
