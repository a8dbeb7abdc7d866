import { SyngraphError } from '../../../pipeline/errors.ts';
import { isJsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { FunctionReference, ToolPlan } from '../../../pipeline/plan.ts';
import type { ToolDefinition } from '../../models/model-client.ts';
import { callTask } from '../call-task.ts';
import type { NodeWork } from '../node-work.ts';
import { DESCRIBE_TOOLS_METHOD } from '../../functions/thread-protocol.ts';
import type { OfferedTool } from './offered-tool.ts';

/**
 * The tools of a node as models are told of them, in the order of the file.
 * @throws SyngraphError PIPELINE_INVALID where a tool cannot be offered, PauseRun where a server is not there
 */
export async function toolDefinitions(work: NodeWork, { tools, toolChoice }: { tools: readonly ToolPlan[]; toolChoice: JsonValue | null }): Promise<OfferedTool[]> {
  const offered = (await Promise.all(tools.map((tool) => (tool.kind === 'mcp' ? serverTools(work, tool) : taskTools(work, tool.function))))).flat();
  const names = offered.map(({ definition }) => definition.name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalid(work, `two tools are called "${twice}"`, 'Rename one of them, or offer fewer with only.');
  const chosen = chosenTool(toolChoice);
  if (chosen !== null && tools.length > 0 && !names.includes(chosen)) throw invalid(work, `tool_choice names "${chosen}", and they are ${names.join(', ') || 'none'}`, 'Name one of them, or auto, none or required.');
  return offered;
}

/** null: none is named. */
function chosenTool(choice: JsonValue | null): string | null {
  const named = isJsonObject(choice) && isJsonObject(choice.function) ? choice.function.name : null;
  return typeof named === 'string' ? named : null;
}

async function taskTools(work: NodeWork, reference: FunctionReference): Promise<OfferedTool[]> {
  const [outcome] = await callTask(work, reference, [[]], DESCRIBE_TOOLS_METHOD);
  if (outcome?.ok !== true) throw invalid(work, outcome?.message ?? `${reference} cannot be described`, 'Mend the tool and start a new run; answers are reused.');
  return (outcome.value as unknown as ToolDefinition[]).map((definition) => ({ definition, source: { kind: 'function', function: reference } }));
}

async function serverTools(work: NodeWork, { server, only }: Extract<ToolPlan, { kind: 'mcp' }>): Promise<OfferedTool[]> {
  const found = await work.dependencies.toolServers.tools(server, work.signal);
  const missing = only?.find((name) => !found.some((tool) => tool.name === name));
  if (missing !== undefined) {
    throw invalid(work, `the MCP server has no tool "${missing}"; it has ${found.map(({ name }) => name).join(', ') || 'none'}`, 'Mend the names under only.');
  }
  const wanted = only === null ? found : found.filter(({ name }) => only.includes(name));
  return wanted.map((definition) => ({
    definition: { ...definition, name: offeredName(definition.name) },
    source: { kind: 'mcp', server, name: definition.name },
  }));
}

/** Servers may use names that models' APIs do not take, such as `files.read`. */
function offeredName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
}

function invalid(work: NodeWork, message: string, nextStep: string): SyngraphError {
  return new SyngraphError({ code: 'PIPELINE_INVALID', message: `the tools of "${work.name}" cannot be offered: ${message}`, nextStep, details: { node: work.name } });
}
