import { SyngraphError } from '../../../pipeline/errors.ts';
import { isJsonObject } from '../../../pipeline/json.ts';
import type { LlmNodePlan } from '../../../pipeline/plan.ts';
import { renderTemplate } from '../../../pipeline/template.ts';
import type { ChatMessage, ModelRequest } from '../../models/model-client.ts';
import { callTask } from '../call-task.ts';
import { failedOutcome, type NodeWork } from '../node-work.ts';
import type { Asking } from './asking.ts';

/** States after `pre_process`, which only this node's prompt and post-processor see. */
export async function preProcess(node: LlmNodePlan, work: NodeWork): Promise<Asking[]> {
  const askings = work.records.map((record): Asking => ({ record, state: record.state, request: null, answer: null, attempts: 0, outcome: null }));
  if (node.preProcess === null) return askings;
  const answers = await callTask(work, node.preProcess, askings.map((asking) => [asking.state]));
  askings.forEach((asking, index) => {
    const answer = answers[index];
    if (answer === undefined) return;
    if (!answer.ok) asking.outcome = failedOutcome(work, answer);
    else if (isJsonObject(answer.value)) asking.state = answer.value;
    else asking.outcome = failedOutcome(work, { code: 'FUNCTION_FAILED', message: `${node.preProcess ?? ''} must return the state, an object` });
  });
  return askings;
}

/** The messages of one record, or null with its outcome set where the prompt cannot be made. */
export function render({ node, work, asking }: { node: LlmNodePlan; work: NodeWork; asking: Asking }): ModelRequest | null {
  try {
    const history = node.inputKey === null ? [] : asking.state[node.inputKey];
    const prompt = node.prompt.map((message): ChatMessage => ({ role: message.role, content: renderTemplate(message.template, asking.state, asking.record.source.id) }));
    return { messages: [...(Array.isArray(history) ? (history as unknown as ChatMessage[]) : []), ...prompt], parameters: node.parameters };
  } catch (error) {
    if (!(error instanceof SyngraphError)) throw error;
    asking.outcome = failedOutcome(work, { code: error.code, message: error.message });
    return null;
  }
}
