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
  const roots = node.prompt.some((message) => message.parts !== undefined) ? await mediaRoots(work) : [];
  for (const asking of askings) if (asking.outcome === null) asking.messages = await render({ node, work, asking, roots });
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

async function renderMessage({ template, parts }: PromptMessagePlan, { work, asking, roots }: Omit<Rendering, 'node'>): Promise<ChatMessage['content']> {
  const recordId = asking.record.source.id;
  if (parts === undefined) return renderTemplate(template, asking.state, recordId);
  const { store, environment } = work.dependencies;
  return renderParts({ parts, state: asking.state, recordId, place: { store, environment, roots, signal: work.signal } });
}

/** The messages of one record, or null with its outcome set where the prompt cannot be made. */
async function render({ node, work, asking, roots }: Rendering): Promise<ChatMessage[] | null> {
  try {
    const conversation = node.inputKey === null ? [] : asking.state[node.inputKey];
    const prompt: ChatMessage[] = [];
    for (const message of node.prompt) prompt.push({ role: message.role, content: await renderMessage(message, { work, asking, roots }) });
    // Behind the prompt, as SyGra has it: the prompt opens the conversation that the state goes on with.
    const messages = [...prompt, ...(Array.isArray(conversation) ? (conversation as unknown as ChatMessage[]) : [])];
    return withChatHistory({ node, state: asking.state, messages });
  } catch (error) {
    if (!(error instanceof SyngraphError)) throw error;
    asking.outcome = failedOutcome(work, { code: error.code, message: error.message });
    return null;
  }
}
