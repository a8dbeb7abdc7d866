import { SyngraphError } from '../../../pipeline/errors.ts';
import { isJsonObject } from '../../../pipeline/json.ts';
import type { AskingNodePlanBase } from '../../../pipeline/plan.ts';
import { renderTemplate } from '../../../pipeline/template.ts';
import type { ChatMessage } from '../../models/model-client.ts';
import { callTask } from '../call-task.ts';
import { failedOutcome, type NodeWork } from '../node-work.ts';
import type { Asking } from './asking.ts';
import { withChatHistory } from './chat-history.ts';

/** What all nodes that ask models begin with: `pre_process`, then the prompt of each record. */
export async function prepareAskings(node: AskingNodePlanBase, work: NodeWork): Promise<Asking[]> {
  const askings = await preProcess(node, work);
  for (const asking of askings) if (asking.outcome === null) asking.messages = render({ node, work, asking });
  return askings;
}

/** States after `pre_process`, which only this node's prompt and post-processor see. */
async function preProcess(node: AskingNodePlanBase, work: NodeWork): Promise<Asking[]> {
  const askings = work.records.map((record): Asking => ({ record, state: record.state, messages: null, answered: [], outcome: null }));
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
function render({ node, work, asking }: { node: AskingNodePlanBase; work: NodeWork; asking: Asking }): ChatMessage[] | null {
  try {
    const before = node.inputKey === null ? [] : asking.state[node.inputKey];
    const prompt = node.prompt.map((message): ChatMessage => ({ role: message.role, content: renderTemplate(message.template, asking.state, asking.record.source.id) }));
    const messages = [...(Array.isArray(before) ? (before as unknown as ChatMessage[]) : []), ...prompt];
    return withChatHistory({ node, state: asking.state, messages });
  } catch (error) {
    if (!(error instanceof SyngraphError)) throw error;
    asking.outcome = failedOutcome(work, { code: error.code, message: error.message });
    return null;
  }
}
