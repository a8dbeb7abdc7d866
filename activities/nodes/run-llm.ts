import { SyngraphError } from '../../pipeline/errors.ts';
import type { LlmNodePlan } from '../../pipeline/plan.ts';
import { askAll } from './llm/ask-all.ts';
import { openCallJournal } from './llm/call-journal.ts';
import { postProcess } from './llm/post-process.ts';
import { preProcess, render } from './llm/prepare-askings.ts';
import type { NodeOutcome, NodeWork } from './node-work.ts';

/** Prompts a model for every record: pre-process, render, ask through the journal, post-process. */
export async function runLlm(node: LlmNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const model = work.run.plan.models[node.model];
  if (model === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan has no model ${node.model}` });
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
