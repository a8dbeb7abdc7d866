import type { CommandContext } from '../context.ts';
import { renderPlan } from '../render/plan.ts';
import type { TaskToCompile } from '../session/compile-task.ts';
import { planOrReport } from '../session/plan-or-report.ts';
import { withModels, type RunOptions } from './run-request.ts';

/** Compiles and shows what a run would do. Nothing is started, nobody is called. */
export async function dryRun(context: CommandContext, { task, flags, places }: { task: string; flags: RunOptions; places?: TaskToCompile['places'] }): Promise<number> {
  const planned = await planOrReport(context, { task, ...withModels(flags), ...(places && { places }) });
  if (planned === null) return 2;
  const { plan, planHash } = planned;
  const { createModelGateway } = await import('../../activities/models/create-model-gateway.ts');
  const gateway = createModelGateway({ environment: context.currentEnvironment });
  try {
    const models = Object.values(plan.models).map((model) => ({
      name: model.name,
      type: model.type,
      modelId: model.modelId,
      simulated: gateway.isSimulated(model),
      endpoint: gateway.describe(model),
    }));
    for (const line of renderPlan({ plan, planHash, models, flags }, context.terminal.colours)) context.terminal.tell(line);
    if (context.isJson) context.terminal.result(JSON.stringify({ pipeline: plan.pipeline, planHash, dryRun: true, models, nodes: plan.nodes.map(({ name, kind }) => ({ name, kind })) }));
    return 0;
  } finally {
    await gateway.close();
  }
}
