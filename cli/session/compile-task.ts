import { resolve } from 'node:path';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { YamlPlaces } from '../../pipeline/yaml-source.ts';
import type { CommandContext } from '../context.ts';

export interface CompiledTask {
  /** In the store; null where the pipeline has errors. */
  plan: Plan | null;
  planHash: string | null;
  diagnostics: Diagnostic[];
  /** The diagnostics for people; empty where there are none. */
  rendered: string;
}

/** A task as a command names it. */
export interface TaskToCompile {
  task: string;
  models?: string;
  /** Where the values of a task stand that a command has written itself. */
  places?: (own: YamlPlaces) => YamlPlaces;
}

/** Compiles a task into the store. @throws SyngraphError TASK_NOT_FOUND */
export async function compileTask(context: CommandContext, { task, models, places }: TaskToCompile): Promise<CompiledTask> {
  const [{ planTask }, { renderDiagnostics }] = await Promise.all([
    import('../../activities/planning/plan-task.ts'),
    import('../../pipeline/render-diagnostics.ts'),
  ]);
  const { store, workingDirectory, environment, terminal } = context;
  const modelsFile = models === undefined ? {} : { modelsFile: resolve(workingDirectory, models) };
  const { plan, planHash, diagnostics, sources } = await planTask({ task, ...modelsFile, ...(places && { places }), store, workingDirectory, environment });
  return { plan, planHash, diagnostics, rendered: renderDiagnostics(diagnostics, sources, { colour: terminal.colours.isColorSupported }) };
}
