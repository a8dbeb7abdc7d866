import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonValue } from '../../pipeline/json.ts';
import type { AgentNodePlan } from '../../pipeline/plan.ts';
import type { ChatMessage } from '../models/model-client.ts';
import { composeMessages } from './agent/compose-messages.ts';
import { runAgentLoop } from './agent/run-agent-loop.ts';
import { applyAnswers } from './llm/apply-answers.ts';
import { askAll } from './llm/ask-all.ts';
import type { Asking } from './llm/asking.ts';
import { openCallJournal } from './llm/call-journal.ts';
import { fallbacksOf, modelOf } from './llm/model-of.ts';
import { prepareAskings } from './llm/prepare-askings.ts';
import type { StateChange } from './node-result.ts';
import { failedOutcome, type NodeOutcome, type NodeWork } from './node-work.ts';
import { assertTakesTools } from './tools/assert-takes-tools.ts';
import { toolDefinitions } from './tools/tool-definitions.ts';

/** A loop of model and tool calls for every record, side by side; its last answer is handled like an llm node's. */
export async function runAgent(node: AgentNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const model = modelOf(work, node.model);
  await assertTakesTools(work, [model, ...fallbacksOf(work, node)], node.tools);
  const askings = await prepareAskings(node, work);
  const tools = await toolDefinitions(work, node);
  const trajectories = new Map<Asking, ChatMessage[]>();
  const journal = await openCallJournal(work);
  try {
    await askAll(work, askings, async (asking, signals) => {
      const messages = begin(node, work, asking);
      if (messages === null) return;
      const end = await runAgentLoop({ node, model, signals, journal, asking, messages, tools });
      if ('failure' in end) asking.outcome = { kind: 'failed', failure: end.failure };
      else {
        asking.answered.push(end.answered);
        trajectories.set(asking, end.trajectory);
      }
    });
  } finally {
    await journal.close();
  }
  await applyEnds(node, work, trajectories);
  return askings.map((asking) => asking.outcome ?? { kind: 'unfinished' });
}

/** What the agent of one record begins with, or null with its outcome set. */
function begin(node: AgentNodePlan, work: NodeWork, asking: Asking): ChatMessage[] | null {
  const { messages, state, record } = asking;
  if (messages === null) return null;
  try {
    return composeMessages({ node, state, messages, recordId: record.source.id });
  } catch (error) {
    if (!(error instanceof SyngraphError)) throw error;
    asking.outcome = failedOutcome(work, { code: error.code, message: error.message });
    return null;
  }
}

async function applyEnds(node: AgentNodePlan, work: NodeWork, trajectories: ReadonlyMap<Asking, ChatMessage[]>): Promise<void> {
  const entries = [...trajectories].flatMap(([asking]) => asking.answered.map((answered) => ({ asking, answered })));
  const applied = await applyAnswers(node, work, entries);
  entries.forEach(({ asking }, index) => {
    const result = applied[index];
    if (result === undefined) return;
    if (!result.ok) asking.outcome = { kind: 'failed', failure: result.failure };
    else asking.outcome = { kind: 'changed', change: withTrajectory(node, result.change, { asking, trajectory: trajectories.get(asking) ?? [] }) };
  });
}

function withTrajectory(node: AgentNodePlan, change: StateChange, { asking, trajectory }: { asking: Asking; trajectory: ChatMessage[] }): StateChange {
  if (node.trajectoryKey === null) return change;
  const name = asking.state['_agent_name'];
  const told = trajectory.map((message) => (message.role === 'assistant' && typeof name === 'string' ? { ...message, name } : message));
  return { ...change, set: { ...change.set, [node.trajectoryKey]: told as unknown as JsonValue } };
}
