import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ModuleFact } from '../../pipeline/facts.ts';
import type { AgentNodePlan } from '../../pipeline/plan.ts';
import { compilePlan, compileText, SOURCE, summaries } from './compile-text.ts';

const TOOLS: ModuleFact = { status: 'found', file: '/tasks/demo/tools.ts', exports: { add: { kind: 'unknown' }, Box: { kind: 'class' }, Row: { kind: 'schema' } } };
const modules = {
  './tools.ts': TOOLS,
  'tasks.demo.tools': TOOLS,
  'tasks.demo': { status: 'missing', triedFiles: [] },
  'tasks.demo.tools.add': { status: 'missing', triedFiles: [] },
  'tasks.demo.tools.none': { status: 'missing', triedFiles: [] },
} satisfies Record<string, ModuleFact>;

const agent = (settings: string): string => `${SOURCE}graph_config:
  nodes:
    helper:
      node_type: agent
      model: writer
      prompt: [{system: You help.}, {user: "{text}"}]
      output_keys: answer
${settings.replaceAll(/^/gm, '      ')}
  edges: [{from: START, to: helper}, {from: helper, to: END}]
`;

function planAgent(settings: string): AgentNodePlan {
  const [node] = compilePlan(agent(settings), { modules }).nodes;
  assert.ok(node?.kind === 'agent');
  return node;
}

const faultsOf = (settings: string): string[] => summaries(compileText(agent(settings), { modules }).diagnostics);

describe('agent nodes', () => {
  it('have limits, and no tools, where none are said', () => {
    const { tools, toolChoice, maxSteps, toolTimeoutSeconds, injectSystemMessages, trajectoryKey, writes } = planAgent('node_state: active');
    assert.deepEqual({ tools, toolChoice, maxSteps, toolTimeoutSeconds, injectSystemMessages, trajectoryKey, writes }, {
      tools: [], toolChoice: null, maxSteps: 20, toolTimeoutSeconds: 60, injectSystemMessages: [], trajectoryKey: null, writes: ['answer'],
    });
  });

  it('take exports, classes and modules in both spellings', () => {
    const { tools } = planAgent('tools: ["./tools.ts#add", tasks.demo.tools.Box, tasks.demo.tools, ./tools.ts]');
    assert.deepEqual(tools.map((tool) => tool.kind === 'function' && tool.function), ['tools.ts#add', 'tools.ts#Box', 'tools.ts#*', 'tools.ts#*']);
    const { functions } = compileText(agent('tools: [tasks.demo.tools.add]'), { modules });
    assert.deepEqual(functions.filter(({ tool }) => tool).map(({ reference }) => reference), ['tools.ts#add']);
  });

  it('take MCP servers by command and by url, with variables named only', () => {
    const { tools } = planAgent(`tools:
  - mcp: {command: npx, args: [-y, server, 3], env: [SEARCH_KEY]}
    only: [search]
  - mcp: {url: "https://tools.example.com/mcp", token: $TOOLS_TOKEN}`);
    assert.deepEqual(tools, [
      { kind: 'mcp', server: { transport: 'stdio', command: 'npx', arguments: ['-y', 'server', '3'], environmentVariables: ['SEARCH_KEY'] }, only: ['search'] },
      { kind: 'mcp', server: { transport: 'http', url: 'https://tools.example.com/mcp', tokenVariable: 'TOOLS_TOKEN' }, only: null },
    ]);
  });

  it('take injections as a list or a mapping, a choice of tool, and a key for the trajectory', () => {
    const settings = 'max_steps: 3\ntool_timeout: 5\ntrajectory_key: steps\ntool_choice: add\ntools: ["./tools.ts#add"]\n';
    const plan = planAgent(`${settings}inject_system_messages: [{3: "Go on, {text}."}, {5: Stop.}]`);
    assert.deepEqual(plan.injectSystemMessages, [
      { turn: 3, template: ['Go on, ', { variable: 'text' }, '.'] },
      { turn: 5, template: ['Stop.'] },
    ]);
    assert.deepEqual(plan.toolChoice, { type: 'function', function: { name: 'add' } });
    assert.deepEqual(plan.writes, ['answer', 'steps']);
    assert.deepEqual(planAgent('inject_system_messages: {2: Cite.}').injectSystemMessages, [{ turn: 2, template: ['Cite.'] }]);
  });

  it('refuse what is no tool or no server, at its place', () => {
    assert.deepEqual(faultsOf('tools: [tasks.demo.tools.none]'), ['MISSING_EXPORT 10:15']);
    assert.deepEqual(faultsOf('tools: ["./tools.ts#Row"]'), ['WRONG_EXPORT 10:15']);
    assert.deepEqual(faultsOf('tools: [tasks.other.tools]'), ['MODULE_NOT_FOUND 10:15']);
    assert.deepEqual(faultsOf('tools:\n  - mcp: {args: [a]}'), ['MISSING_KEY 11:11']);
    assert.deepEqual(faultsOf('tools:\n  - mcp: {command: a, url: "http://b"}'), ['WRONG_VALUE 11:11']);
    assert.deepEqual(faultsOf('tools:\n  - mcp: {url: "ftp://b"}'), ['WRONG_VALUE 11:22']);
    assert.deepEqual(faultsOf('tools:\n  - mcp: {url: "http://b", token: abc}'), ['SECRET_IN_FILE 11:41']);
    assert.deepEqual(faultsOf('tools:\n  - mcp: {url: "http://u:p@b"}'), ['SECRET_IN_FILE 11:22']);
    assert.deepEqual(faultsOf('tools:\n  - mcp: {command: a, env: ["KEY=secret"]}'), ['SECRET_IN_FILE 11:35']);
    assert.deepEqual(faultsOf('tools: add'), ['WRONG_TYPE 10:14']);
    assert.deepEqual(faultsOf('tool_choice: serch\ntools:\n  - {mcp: {command: a}, only: [search]}'), ['WRONG_VALUE 10:20']);
    assert.deepEqual(faultsOf('tool_choice: serch\ntools:\n  - {mcp: {command: a}}'), []);
    assert.match(faultsOf('inject_system_messages: {soon: Stop.}').join(), /^WRONG_TYPE 10:\d+$/);
  });

  it('are told of variables that nothing provides', () => {
    const text = agent('node_state: active').replace('{text}', '{nothing}');
    assert.deepEqual(summaries(compileText(text, { modules }).diagnostics), ['UNKNOWN_VARIABLE 8:45']);
  });
});
