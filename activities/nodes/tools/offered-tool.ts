import type { FunctionReference, McpServerPlan } from '../../../pipeline/plan.ts';
import type { ToolDefinition } from '../../models/model-client.ts';

/** A tool as a model is told of it, and where its calls go. */
export interface OfferedTool {
  definition: ToolDefinition;
  source: { kind: 'function'; function: FunctionReference } | { kind: 'mcp'; server: McpServerPlan; name: string };
}

/** What a call has come to. What went wrong is a text too: the model is told, and may try something else. */
export interface ToolResult {
  ok: boolean;
  text: string;
}

/** Characters of a result that the model gets: beyond that it would only fill its context. */
const LONGEST_RESULT = 100_000;

export function toolResult(ok: boolean, text: string): ToolResult {
  if (text.length <= LONGEST_RESULT) return { ok, text };
  return { ok, text: `${text.slice(0, LONGEST_RESULT)}… (${text.length - LONGEST_RESULT} characters more were cut off)` };
}
