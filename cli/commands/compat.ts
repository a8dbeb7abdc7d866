import { relative } from 'node:path';
import { isOnlyUnreachable, renderCompat } from '../compat/compat-report.ts';
import { writeSkeletons } from '../compat/write-skeletons.ts';
import type { CommandContext } from '../context.ts';
import { taskArgument } from '../options/task-argument.ts';
import { compileTask } from '../session/compile-task.ts';

interface CompatOptions {
  task?: string;
  models?: string;
  write?: boolean;
}

/** `syngraph compat`: what of a SyGra task runs as it is, and what is missing. The exit code is 0 where it compiles, as far as can be told without a source that cannot be reached. */
export async function execute(
  context: CommandContext,
  [positional]: (string | undefined)[],
  options: CompatOptions,
): Promise<number> {
  const { terminal, isJson, workingDirectory, environment } = context;
  const task = taskArgument(positional, options);
  const { inspectHelpers } = await import('../../activities/planning/inspect-helpers.ts');
  const [{ plan, diagnostics }, helpers, python] = await Promise.all([
    compileTask(context, { task, ...options }),
    inspectHelpers({ task, workingDirectory, environment }),
    lookForPython(environment),
  ]);
  const compiles = plan !== null || isOnlyUnreachable(diagnostics);
  const shown = (file: string): string => relative(workingDirectory, file);
  for (const line of renderCompat({ plan, diagnostics, helpers, python, shown })) terminal.tell(line);
  const skeletons = options.write === true ? await writeSkeletons(helpers) : { written: [], kept: [] };
  for (const file of skeletons.written) terminal.tell(`wrote ${shown(file)}`);
  for (const { file, missing } of skeletons.kept)
    terminal.tell(`kept ${shown(file)}, which still lacks ${missing.join(', ')}`);
  const twins = helpers.some(
    ({ typescript, python: twin }) => typescript.status === 'missing' && twin.status === 'found',
  );
  if (skeletons.written.length > 0 && twins)
    terminal.tell(
      'TypeScript wins over Python of the same name: until it is ported, write helpers: python at the top of the pipeline.',
    );
  if (options.write === true && skeletons.written.length + skeletons.kept.length === 0)
    terminal.tell('There is nothing to write.');
  if (isJson)
    terminal.result(
      JSON.stringify({
        compiles,
        pipeline: plan?.pipeline ?? null,
        diagnostics,
        helpers,
        python,
        ...skeletons,
      }),
    );
  return compiles ? 0 : 2;
}

async function lookForPython(environment: NodeJS.ProcessEnv): Promise<{ executable: string } | { reason: string }> {
  const { findPython } = await import('../../activities/functions/python/find-python.ts');
  try {
    return { executable: await findPython(environment) };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}
