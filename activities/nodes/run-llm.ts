import { SyngraphError } from '../../pipeline/errors.ts';
import type { LlmNodePlan, ModelPlan } from '../../pipeline/plan.ts';
import { askAll } from './llm/ask-all.ts';
import { openCallJournal } from './llm/call-journal.ts';
import { postProcess } from './llm/post-process.ts';
import { preProcess, render } from './llm/prepare-askings.ts';
import type { NodeOutcome, NodeWork } from './node-work.ts';
import { WrongWorker } from './wrong-worker.ts';

/** Prompts a model for every record: pre-process, render, ask through the journal, post-process. */
export async function runLlm(node: LlmNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const model = work.run.plan.models[node.model];
  if (model === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan has no model ${node.model}` });
  // A key may have been mended since the last batch.
  work.dependencies.gateway.refresh();
  assertSameKind(work, model);
  const askings = await preProcess(node, work);
  for (const asking of askings) asking.request = asking.outcome === null ? render({ node, work, asking }) : null;
  const journal = await openCallJournal(work);
  try {
    await askAll({ node, work, model, journal, askings });
  } finally {
    await journal.close();
  }
  await postProcess(node, work, askings);
  return askings.map((asking) => asking.outcome ?? { kind: 'unfinished' });
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
