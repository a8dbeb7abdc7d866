import type { AgentNodePlan } from '../../plan.ts';
import type { AgentNodeConfig } from '../../schema/nodes/agent-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import { compileAsked, compileAsking, refuseBatchMode, type AskingParts } from './compile-asking.ts';
import { compileText } from './compile-prompt.ts';
import { compileToolChoice, compileTools } from './compile-tools.ts';

/** Steps that are enough for most tasks; more cost money at a model that goes in circles. */
const DEFAULT_MAX_STEPS = 20;
const DEFAULT_TOOL_TIMEOUT_SECONDS = 60;

export function compileAgentNode(parts: AskingParts<AgentNodeConfig>): AgentNodePlan {
  const { context, config, path } = parts;
  const asking = compileAsking(parts);
  const asked = compileAsked({ ...parts, model: config.model, modelPath: [...path, 'model'] });
  refuseBatchMode(context, { models: parts.models, model: asked.model, path: [...path, 'model'] });
  if (asked.parameters['n'] !== undefined) {
    const hint = 'Leave out the parameter n; split the record by an llm node with samples_as: rows before the agent.';
    context.report({ code: 'WRONG_VALUE', path: [...path, 'model'], target: { part: 'key' }, message: 'An agent goes on from one answer, not from several', hint });
  }
  const tools = compileTools(context, config, path);
  const trajectoryKey = config.trajectory_key ?? null;
  return {
    ...asking,
    ...asked,
    kind: 'agent',
    writes: trajectoryKey === null ? asking.writes : [...new Set([...asking.writes, trajectoryKey])],
    tools,
    toolChoice: compileToolChoice(context, { choice: config.tool_choice, tools, path }),
    maxSteps: config.max_steps ?? DEFAULT_MAX_STEPS,
    toolTimeoutSeconds: config.tool_timeout ?? DEFAULT_TOOL_TIMEOUT_SECONDS,
    injectSystemMessages: compileInjections(context, config, [...path, 'inject_system_messages']),
    trajectoryKey,
  };
}

function compileInjections(
  context: CompileContext,
  { inject_system_messages: given }: AgentNodeConfig,
  path: YamlPath,
): AgentNodePlan['injectSystemMessages'] {
  const mappings = Array.isArray(given) ? given.map((mapping, index) => ({ mapping, at: [...path, index] })) : [{ mapping: given ?? {}, at: path }];
  return mappings.flatMap(({ mapping, at }) =>
    Object.entries(mapping).map(([turn, text]) => ({
      turn: Number(turn),
      template: compileText(context, { role: 'system', type: 'text', text, path: [...at, turn] }, 0),
    })),
  );
}
