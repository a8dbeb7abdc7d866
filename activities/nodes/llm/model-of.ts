import { SyngraphError } from '../../../pipeline/errors.ts';
import type { AskedModelPlan, ModelPlan } from '../../../pipeline/plan.ts';
import type { NodeWork } from '../node-work.ts';
import { WrongWorker } from '../wrong-worker.ts';

/** The model of a plan, once its endpoints are as the environment has them now: a key may have been mended since the last batch. */
export function modelOf(work: NodeWork, key: string): ModelPlan {
  const model = work.run.plan.models[key];
  if (model === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan has no model ${key}` });
  work.dependencies.gateway.refresh();
  assertSameKind(work, model);
  return model;
}

/** The models that answer in the place of the one that a node asks. */
export function fallbacksOf(work: NodeWork, { fallbacks }: Pick<AskedModelPlan, 'fallbacks'>): ModelPlan[] {
  return (fallbacks?.models ?? []).map(({ model }) => modelOf(work, model));
}

/**
 * Simulated and real answers must never mix in one dataset. Which models are simulated was fixed
 * when the run was prepared; a worker whose environment says otherwise leaves the batch to others.
 */
function assertSameKind(work: NodeWork, model: ModelPlan): void {
  const { simulatedModels } = work.run.description;
  const wasSimulated = simulatedModels.includes(model.name);
  if (work.dependencies.gateway.isSimulated(model) === wasSimulated) return;
  const message = wasSimulated
    ? `this run's answers of ${model.name} are simulated, and this worker has a real endpoint for it`
    : `this worker has no endpoint for ${model.name}: the run asks a real one`;
  throw new WrongWorker(message, wasSimulated ? 'Start a new run for real answers.' : `Give the worker the model's url and key, or stop it.`);
}
