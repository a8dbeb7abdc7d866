import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { isJsonObject } from '../../../pipeline/json.ts';
import type { AskingNodePlanBase, PromptMessagePlan } from '../../../pipeline/plan.ts';
import { renderTemplate } from '../../../pipeline/template.ts';
import { renderParts } from '../../media/render-parts.ts';
import type { ChatMessage } from '../../models/model-client.ts';
import { callTask } from '../call-task.ts';
import { failedOutcome, type NodeWork } from '../node-work.ts';
import type { Asking } from './asking.ts';
import { withChatHistory } from './chat-history.ts';

/** What all nodes that ask models begin with: `pre_process`, then the prompt of each record. */
export async function prepareAskings(node: AskingNodePlanBase, work: NodeWork): Promise<Asking[]> {
  const askings = await preProcess(node, work);
  const hasMedia = node.prompt.some((message) => message.parts !== undefined);
  const roots = hasMedia ? await mediaRoots(work) : [];
  for (const asking of askings) {
    if (asking.outcome !== null) continue;
    try {
      // Texts are rendered at once: a promise for every message of every record would cost more than that.
      const prompt = hasMedia ? await mediaPrompt({ node, work, asking, roots }) : textPrompt(node, asking);
      asking.messages = withConversation(node, asking, prompt);
    } catch (error) {
      if (!(error instanceof SyngraphError)) throw error;
      asking.outcome = failedOutcome(work, { code: error.code, message: error.message });
    }
  }
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

interface Rendering {
  node: AskingNodePlanBase;
  work: NodeWork;
  asking: Asking;
  roots: string[];
}

/** Folders that paths of images and sounds may lead into. */
async function mediaRoots({ run, dependencies }: NodeWork): Promise<string[]> {
  const { workingDirectory } = dependencies;
  const task = resolve(workingDirectory, run.description.task);
  const isFolder = (await stat(task).catch(() => null))?.isDirectory() === true;
  const { source } = run.plan;
  const data = source?.type === 'disk' ? [dirname(source.path)] : [];
  return [...new Set([isFolder ? task : dirname(task), ...data, workingDirectory])];
}

function textPrompt(node: AskingNodePlanBase, asking: Asking): ChatMessage[] {
  return node.prompt.map((message): ChatMessage => ({ role: message.role, content: renderText(message, asking) }));
}

function renderText({ template }: PromptMessagePlan, { state, record }: Asking): string {
  return renderTemplate(template, state, record.source.id);
}

async function mediaPrompt({ node, work, asking, roots }: Rendering): Promise<ChatMessage[]> {
  const { state, record } = asking;
  const { store, environment } = work.dependencies;
  const place = { store, environment, roots, signal: work.signal };
  const prompt: ChatMessage[] = [];
  for (const message of node.prompt) {
    const { role, parts } = message;
    const content = parts === undefined ? renderText(message, asking) : await renderParts({ parts, state, recordId: record.source.id, place });
    prompt.push({ role, content });
  }
  return prompt;
}

/** Behind the prompt, as SyGra has it: the prompt opens the conversation that the state goes on with. */
function withConversation(node: AskingNodePlanBase, { state }: Asking, prompt: ChatMessage[]): ChatMessage[] {
  const conversation = node.inputKey === null ? [] : state[node.inputKey];
  const messages = Array.isArray(conversation) ? [...prompt, ...(conversation as unknown as ChatMessage[])] : prompt;
  return withChatHistory({ node, state, messages });
}
