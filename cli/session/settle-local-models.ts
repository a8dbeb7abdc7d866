import { planKey } from '../../activities/planning/load-plan.ts';
import type { ModelPlan } from '../../pipeline/model-plan.ts';
import { canonicalJson, planHash } from '../../pipeline/plan-hash.ts';
import type { CommandContext } from '../context.ts';
import type { PlannedTask } from './plan-or-report.ts';

/**
 * Fetches the models that run in this process before the run begins, with a line of progress, and
 * says which they are. Where one cannot be had, the model under its `otherwise` takes its place in
 * the plan; without one the run goes on to pause, and says why.
 */
export async function settleLocalModels(context: CommandContext, planned: PlannedTask): Promise<PlannedTask> {
  const models: Record<string, ModelPlan> = {};
  for (const [key, model] of Object.entries(planned.plan.models)) {
    const settled = model.type === 'local' ? await settle(context, model) : model;
    if (settled !== model) models[key] = settled;
  }
  if (Object.keys(models).length === 0) return planned;
  const plan = { ...planned.plan, models: { ...planned.plan.models, ...models } };
  const hash = planHash(plan);
  await context.store.write(planKey(hash), canonicalJson(plan));
  return { plan, planHash: hash };
}

async function settle({ terminal, currentEnvironment }: CommandContext, model: ModelPlan): Promise<ModelPlan> {
  const [{ findLocalModel }, { onnxRuntime }, { LocalModelError }] = await Promise.all([
    import('../../activities/local-models/fetch/find-local-model.ts'),
    import('../../activities/local-models/run/onnx-runtime.ts'),
    import('../../activities/local-models/local-model-error.ts'),
  ]);
  try {
    onnxRuntime();
    await findLocalModel(model.modelId, { environment: currentEnvironment(), onProgress: (line) => terminal.tell(line) });
    terminal.tell(`${model.name} is ${model.modelId}, which runs on this machine.`);
    return model;
  } catch (error) {
    if (!(error instanceof LocalModelError)) throw error;
    const { otherwise } = model;
    const instead = otherwise === undefined ? '' : `; ${otherwise.modelId} (${otherwise.type}) takes its place`;
    terminal.warn(terminal.colours.yellow(`${model.modelId} cannot run here: ${error.message}${instead}.`));
    return otherwise ?? model;
  }
}
