import { readVariableName } from '../../environment-variable.ts';
import { parseFunctionPath } from '../../function-path.ts';
import type { JsonObject, JsonValue } from '../../json.ts';
import type { McpServerPlan, ToolPlan } from '../../plan.ts';
import type { ToolsConfig } from '../../schema/nodes/tools.ts';
import type { YamlPath } from '../../yaml-source.ts';
import { nearestHint, type CompileContext } from '../compile-context.ts';

type McpConfig = Exclude<NonNullable<ToolsConfig>[number], string>['mcp'];

/** The tools of a node, in the order of the file. Faults are reported and left out. */
export function compileTools(context: CompileContext, config: { tools?: ToolsConfig }, path: YamlPath): ToolPlan[] {
  const tools = (config.tools ?? []).map((tool, index): ToolPlan | null => {
    const at = [...path, 'tools', index];
    if (typeof tool === 'string') return taskTool(context, tool, at);
    const server = mcpServer(context, tool.mcp, [...at, 'mcp']);
    return server && { kind: 'mcp', server, only: tool.only ?? null };
  });
  return tools.filter((tool) => tool !== null);
}

/**
 * As OpenAI's API has it; null: nothing is said, and the model decides. A name is checked where the file says all names;
 * what else a task or a server offers is known when the node begins, and checked then.
 */
export function compileToolChoice(context: CompileContext, { choice, tools, path }: { choice: string | JsonObject | null | undefined; tools: readonly ToolPlan[]; path: YamlPath }): JsonValue | null {
  if (choice === null || choice === undefined || tools.length === 0) return null;
  if (typeof choice !== 'string' || ['auto', 'none', 'required'].includes(choice)) return choice;
  const names = tools.flatMap((tool) => (tool.kind === 'mcp' ? (tool.only ?? []) : []));
  const areAllKnown = tools.every((tool) => tool.kind === 'mcp' && tool.only !== null);
  if (areAllKnown && !names.includes(choice)) {
    context.report({ code: 'WRONG_VALUE', path: [...path, 'tool_choice'], message: `There is no tool "${choice}"`, hint: nearestHint(choice, names), allowed: ['auto', 'none', 'required', ...names] });
  }
  return { type: 'function', function: { name: choice } };
}

/** A dotted path names an export, or else a whole module: SyGra writes both alike. */
function taskTool(context: CompileContext, text: string, path: YamlPath): ToolPlan | null {
  const target = parseFunctionPath(text);
  const fact = target && context.moduleFact(target.specifier, path);
  const isExport = target !== null && fact?.status === 'found' && Object.hasOwn(fact.exports, target.exportName);
  const module = isExport ? null : context.findModule(text, path, { tool: true });
  if (module !== null) return { kind: 'function', function: module };
  const found = context.findExport(text, path, { kinds: ['function', 'class'], tool: true });
  return found && { kind: 'function', function: found.reference };
}

function mcpServer(context: CompileContext, config: McpConfig, path: YamlPath): McpServerPlan | null {
  const { command, url } = config;
  if ((command === undefined) === (url === undefined)) {
    context.report({
      code: command === undefined ? 'MISSING_KEY' : 'WRONG_VALUE',
      path,
      target: { part: 'key' },
      message: 'An MCP server is started by a command or reached at a url',
      hint: 'Give one of command and url.',
      allowed: ['command', 'url'],
    });
    return null;
  }
  const misplaced = (command === undefined ? (['args', 'env'] as const) : (['token'] as const)).find((key) => config[key] !== undefined);
  if (misplaced !== undefined) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, misplaced],
      target: { part: 'key' },
      message: `${misplaced} means nothing for a server ${command === undefined ? 'at a url' : 'that is started by a command'}`,
      hint: 'Remove it.',
    });
  }
  if (command !== undefined) {
    return { transport: 'stdio', command, arguments: config.args ?? [], environmentVariables: variableNames(context, config.env ?? [], [...path, 'env']) };
  }
  return { transport: 'http', url: checkedUrl(context, url ?? '', [...path, 'url']), tokenVariable: tokenVariable(context, config.token, [...path, 'token']) };
}

/** `NAME=value` is how others write it; the value is never repeated. */
function variableNames(context: CompileContext, names: string[], path: YamlPath): string[] {
  for (const [index, name] of names.entries()) {
    if (/^[A-Za-z_]\w*$/.test(name)) continue;
    const hint = 'Name variables of the environment, whose values the server then gets.';
    context.report({ code: 'SECRET_IN_FILE', path: [...path, index], message: 'This is not the name of an environment variable, and a value must not stand in a file', hint });
  }
  return names;
}

function checkedUrl(context: CompileContext, text: string, path: YamlPath): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const report = (code: 'WRONG_VALUE' | 'SECRET_IN_FILE', message: string, hint: string): void => context.report({ code, path, message, hint });
  if (url === null || !['http:', 'https:'].includes(url.protocol)) report('WRONG_VALUE', 'This is no http or https url', 'Write it like https://tools.example.com/mcp.');
  else if (url.username !== '' || url.password !== '') report('SECRET_IN_FILE', 'A password must not stand in a file', 'Put a token into the environment and write token: $NAME.');
  return text;
}

/** The text itself is never repeated: it may be the token. */
function tokenVariable(context: CompileContext, token: string | undefined, path: YamlPath): string | null {
  if (token === undefined) return null;
  const variable = readVariableName(token);
  if (variable === null) {
    const hint = 'Put it into the environment and write token: $TOOLS_TOKEN. If this one is real, revoke it.';
    context.report({ code: 'SECRET_IN_FILE', path, message: 'A token must not stand in a file', hint });
  }
  return variable;
}
