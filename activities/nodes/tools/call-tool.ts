import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import { CALL_TOOL_METHOD } from '../../functions/thread-protocol.ts';
import type { ToolContext } from '../../functions/tool.ts';
import { callTask } from '../call-task.ts';
import type { NodeWork } from '../node-work.ts';
import { toolResult, type OfferedTool, type ToolResult } from './offered-tool.ts';

export interface ToolCall {
  tool: OfferedTool;
  values: JsonObject;
  context: ToolContext;
  timeoutSeconds: number;
  /** Gives the call up; what it does outside may still happen. */
  signal: AbortSignal;
}

/**
 * Calls a tool once. What it throws, a time limit and arguments that do not fit are results too.
 * @throws PauseRun, or the signal's reason
 */
export async function callTool(work: NodeWork, call: ToolCall): Promise<ToolResult> {
  const { tool, values, timeoutSeconds, signal } = call;
  const timeoutMilliseconds = timeoutSeconds * 1000;
  if (tool.source.kind === 'mcp') {
    const { server, name } = tool.source;
    return work.dependencies.toolServers.call(server, { name, values, timeoutMilliseconds, signal });
  }
  return beforeAbort(signal, callTaskTool(work, call, { reference: tool.source.function, timeoutMilliseconds }));
}

async function callTaskTool(
  work: NodeWork,
  { tool, values, context }: ToolCall,
  { reference, timeoutMilliseconds }: { reference: string; timeoutMilliseconds: number },
): Promise<ToolResult> {
  const argumentList: JsonValue[] = [tool.definition.name, values, { ...context }];
  const [outcome] = await callTask(work, reference, [argumentList], CALL_TOOL_METHOD, timeoutMilliseconds);
  if (outcome?.ok !== true) return toolResult(false, outcome?.message ?? 'no answer');
  return toolResult(true, typeof outcome.value === 'string' ? outcome.value : JSON.stringify(outcome.value));
}

/** Threads finish what they have begun; nobody waits for it after a stop. */
async function beforeAbort<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
