import type { AgentNodePlan } from '../../../pipeline/plan.ts';
import { toolCallKey } from '../../journal/tool-call-key.ts';
import type { ChatMessage, ModelAnswer } from '../../models/model-client.ts';
import { addStatistics, emptyStatistics } from '../../../pipeline/run-statistics.ts';
import type { AskingSignals } from '../llm/ask-all.ts';
import type { CallJournal } from '../llm/call-journal.ts';
import type { NodeWork, WorkRecord } from '../node-work.ts';
import { callTool } from '../tools/call-tool.ts';
import type { OfferedTool, ToolResult } from '../tools/offered-tool.ts';
import type { RequestedCall } from './read-tool-calls.ts';

/** Calls of one turn that are carried out; a model that asks for more is told so. */
const CALLS_IN_A_TURN = 32;

export interface ToolTurn {
  node: AgentNodePlan;
  signals: AskingSignals;
  journal: CallJournal;
  record: WorkRecord;
  tools: ReadonlyMap<string, OfferedTool>;
  step: number;
  calls: RequestedCall[];
}

/**
 * Carries out the calls of one turn side by side, each through the journal: a call that was
 * finished before is not made again. One message for each call, in their order.
 * @throws PauseRun, or the abort reason of a signal
 */
export async function runToolCalls(turn: ToolTurn): Promise<ChatMessage[]> {
  return Promise.all(
    turn.calls.map(async (call, index) => ({ role: 'tool', tool_call_id: call.id, content: (await resultOf(turn, call, index)).text }) satisfies ChatMessage),
  );
}

async function resultOf(turn: ToolTurn, call: RequestedCall, index: number): Promise<ToolResult> {
  const tool = turn.tools.get(call.name);
  const refusal = refusalOf(turn, call, index);
  if (tool === undefined || call.values === null || refusal !== null) {
    count(turn.signals.work, false);
    return { ok: false, text: refusal ?? '' };
  }
  return journaledResult(turn, { tool, call, values: call.values, index });
}

/** What keeps a call from being made at all; the model learns of it as of a result. */
function refusalOf({ tools }: ToolTurn, call: RequestedCall, index: number): string | null {
  if (index >= CALLS_IN_A_TURN) return `Error: at most ${CALLS_IN_A_TURN} tools can be called at once; call this one again.`;
  if (!tools.has(call.name)) return `Error: there is no tool "${call.name.slice(0, 100)}"; there are: ${[...tools.keys()].join(', ') || 'none'}.`;
  return call.values === null ? `Error: the arguments of ${call.name} are not a JSON object.` : null;
}

interface PossibleCall {
  tool: OfferedTool;
  call: RequestedCall;
  values: NonNullable<RequestedCall['values']>;
  index: number;
}

async function journaledResult(turn: ToolTurn, { tool, call, values, index }: PossibleCall): Promise<ToolResult> {
  const { node, signals, journal, record, step } = turn;
  const { work } = signals;
  const place = { seed: work.run.description.seed, recordId: record.source.id, node: work.name, visit: record.visit, step, index };
  const key = toolCallKey({ ...place, name: call.name, values, origin: originOf(work, tool) });
  const found = await journal.find(key);
  // What failed in an earlier run may do better in this one.
  if (found !== null && (found.run === null || !isError(found.answer))) {
    if (found.run !== null) {
      work.run.live.reusedFrom(found.run);
      await journal.answered(key, found.answer, { from: found.run });
    }
    return { ok: !isError(found.answer), text: textOf(found.answer) };
  }
  await journal.prepare();
  work.signal.throwIfAborted();
  work.assertHeld();
  const context = { call: key, recordId: record.source.id, node: work.name };
  const { ok, text } = await callTool(work, { tool, values, context, timeoutSeconds: node.toolTimeoutSeconds, signal: signals.flightSignal });
  const result = { ok, text: ok ? text : `Error: ${text}` };
  await journal.answered(key, answerOf(call, result));
  count(work, ok);
  return result;
}

function originOf({ run }: NodeWork, { source }: OfferedTool): string {
  return source.kind === 'mcp' ? JSON.stringify(source.server) : JSON.stringify([run.plan.bundle, source.function]);
}

/** A result as the journal keeps answers. */
function answerOf(call: RequestedCall, { ok, text }: ToolResult): ModelAnswer {
  return {
    message: { role: 'tool', tool_call_id: call.id, content: text },
    finishReason: ok ? 'stop' : 'error',
    refusal: null,
    usage: { promptTokens: 0, completionTokens: 0, cachedPromptTokens: 0 },
    answeredBy: call.name,
  };
}

function isError(answer: ModelAnswer): boolean {
  return answer.finishReason === 'error';
}

function textOf({ message }: ModelAnswer): string {
  return typeof message.content === 'string' ? message.content : JSON.stringify(message.content);
}

function count(work: NodeWork, ok: boolean): void {
  const added = { toolCalls: 1, ...(ok ? {} : { toolErrors: 1 }) };
  Object.assign(work.statistics, addStatistics(work.statistics, { ...emptyStatistics(), ...added }));
  work.run.live.add(work.name, added);
}
