import { SyngraphError } from '../../../pipeline/errors.ts';
import type { ModelPlan, ToolPlan } from '../../../pipeline/plan.ts';
import type { NodeWork } from '../node-work.ts';

/** One that takes no tools would answer as if there were none. @throws SyngraphError PIPELINE_INVALID */
export async function assertTakesTools(work: NodeWork, models: readonly ModelPlan[], tools: readonly ToolPlan[]): Promise<void> {
  if (tools.length === 0) return;
  for (const model of models) {
    if ((await work.dependencies.gateway.capabilities(model)).tools) continue;
    throw new SyngraphError({
      code: 'PIPELINE_INVALID',
      message: `"${work.name}" offers tools, and its model "${model.name}" (${model.type}, ${model.modelId}) takes none`,
      nextStep: 'Ask a model that calls tools, over its chat API; or leave out tools.',
      details: { node: work.name, model: model.name },
    });
  }
}
