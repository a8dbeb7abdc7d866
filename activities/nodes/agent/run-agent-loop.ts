import type { AgentNodePlan, ModelPlan } from '../../../pipeline/plan.ts';
import type { ChatMessage, ModelRequest } from '../../models/model-client.ts';
import type { AskingSignals } from '../llm/ask-all.ts';
import { askModel } from '../llm/ask-model.ts';
import type { AnsweredModel } from '../llm/asked-model.ts';
import type { Asking } from '../llm/asking.ts';
import type { CallJournal } from '../llm/call-journal.ts';
import { answerText, changeByAnswer } from '../llm/read-answer.ts';
import type { RecordFailure } from '../node-result.ts';
import type { OfferedTool } from '../tools/offered-tool.ts';
import { readToolCalls, writeToolCalls } from './read-tool-calls.ts';
import { runToolCalls } from './run-tool-calls.ts';

export interface AgentLoop {
  node: AgentNodePlan;
  model: ModelPlan;
  signals: AskingSignals;
  journal: CallJournal;
  asking: Asking;
  /** What the agent begins with. */
  messages: ChatMessage[];
  tools: OfferedTool[];
}

export type AgentEnd = { answered: AnsweredModel; trajectory: ChatMessage[] } | { failure: RecordFailure };

/**
 * Asks the model, carries out the tool calls of its answer, asks again with their results, and so
 * on until an answer calls no tool. Every step is in the journal before the next one begins, so an
 * attempt that begins again walks through what is finished without asking anybody.
 * @throws PauseRun, ModelDown, or the abort reason of a signal
 */
export async function runAgentLoop(loop: AgentLoop): Promise<AgentEnd> {
  const { node, model, signals, journal, asking } = loop;
  const tools = new Map(loop.tools.map((tool) => [tool.definition.name, tool]));
  const messages = [...loop.messages];
  for (let step = 0; ; step += 1) {
    const result = await askModel({
      ...signals, model, asked: node, policies: node, journal, step,
      record: asking.record,
      request: requestOf(loop, [...messages], step),
      isUsable: (answered) => calls(answered) || node.postProcess !== null || changeByAnswer(node, answered).ok,
    });
    if ('failure' in result) return result;
    const requested = readToolCalls(result.answer.message, step);
    if (requested.length === 0) return { answered: result, trajectory: [...messages, result.answer.message] };
    if (step + 1 >= node.maxSteps) return { failure: endless(loop, result) };
    messages.push({ role: 'assistant', content: result.answer.message.content, tool_calls: writeToolCalls(requested) });
    messages.push(...(await runToolCalls({ ...loop, record: asking.record, tools, step, calls: requested })));
  }
}

function calls({ answer }: Pick<AnsweredModel, 'answer'>): boolean {
  return (answer.message.tool_calls ?? []).length > 0;
}

function requestOf({ node, tools }: AgentLoop, messages: ChatMessage[], step: number): ModelRequest {
  const request: ModelRequest = { messages, parameters: node.parameters };
  if (tools.length === 0) return request;
  // A choice that demands a call is met by the first one; held to it, the agent would never come to an end.
  const choice = step === 0 || node.toolChoice === 'none' ? node.toolChoice : null;
  return { ...request, tools: tools.map(({ definition }) => definition), ...(choice === null ? {} : { toolChoice: choice }) };
}

function endless({ node, signals, messages }: AgentLoop, { answer, attempts }: AnsweredModel): RecordFailure {
  return {
    node: signals.work.name,
    code: 'TOO_MANY_STEPS',
    message: `after ${node.maxSteps} model calls the agent still calls tools; raise max_steps, or say in the prompt when to stop`,
    attempts: Math.max(1, attempts),
    prompt: JSON.stringify(messages),
    answer: answerText(answer) || JSON.stringify(answer.message.tool_calls ?? []),
  };
}
