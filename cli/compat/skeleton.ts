import type { TaskHelper } from '../../activities/planning/inspect-helpers.ts';
import type { HelperRole, HelperUse } from '../../pipeline/helper-exports.ts';

interface RolePattern {
  /** Type of `syngraph` that the class fulfils. */
  type?: string;
  /** Other types of `syngraph` that its code names. */
  types: string[];
  method: (use: HelperUse) => string;
}

const PATTERNS: Record<Exclude<HelperRole, 'tool' | 'structured_output' | 'schema' | 'generator'>, RolePattern> = {
  condition: {
    type: 'EdgeCondition',
    types: ['State'],
    method: ({ names }) => `apply(state: State): ${names.length === 0 ? 'string' : names.map(quote).join(' | ')} {`,
  },
  lambda: {
    type: 'LambdaFunction',
    types: ['State', 'StateChange'],
    method: () => 'apply(config: object, state: State): StateChange {',
  },
  pre_process: {
    type: 'NodePreProcessor',
    types: ['State', 'StateChange'],
    method: () => 'apply(state: State): StateChange {',
  },
  post_process: {
    type: 'NodePostProcessor',
    types: ['AnswerMessage', 'State', 'StateChange'],
    method: () => 'apply(message: AnswerMessage, state: State): StateChange {',
  },
  multi_llm_post_process: {
    type: 'MultiLlmPostProcessor',
    types: ['State', 'StateChange'],
    method: () => 'apply(outputs: Record<string, State>): StateChange {',
  },
  model_post_process: { type: 'ModelPostProcessor', types: [], method: () => 'apply(text: string): string {' },
  set_function: {
    type: 'SetFunction',
    types: ['State', 'StateChange'],
    method: () => 'apply(config: object, states: State[]): (StateChange | null)[] {',
  },
  filter: { type: 'StateFilter', types: ['State'], method: () => 'apply(state: State): boolean {' },
  row_filter: { type: 'RowFilter', types: ['State'], method: () => 'apply(row: State, params: State): boolean {' },
  graph_post_process: {
    type: 'GraphPostProcessor',
    types: ['State'],
    method: () => 'process(rows: State[], place: { output_file: string }, params: State): unknown {',
  },
  transform: {
    type: 'DataTransform',
    types: ['State'],
    method: () => 'transform(rows: State[], params: State): State[] {',
  },
};

/** The text of a module with what is still to be ported: names, kinds and signatures as the task wants them. */
export function renderSkeleton(helpers: readonly TaskHelper[], ported: string | null): string {
  const parts = helpers.map((helper) => renderHelper(helper, ported));
  const types = [...new Set(parts.flatMap((part) => part.types))].sort();
  const imports = [
    ...(types.length === 0 ? [] : [`import type { ${types.join(', ')} } from 'syngraph';`]),
    ...(parts.some((part) => part.usesZod) ? [`import { z } from 'zod';`] : []),
  ];
  return `${[...imports, ...(imports.length === 0 ? [] : ['']), parts.map((part) => part.code).join('\n\n')].join('\n')}\n`;
}

interface RenderedHelper {
  code: string;
  types: string[];
  usesZod: boolean;
}

function renderHelper(helper: TaskHelper, ported: string | null): RenderedHelper {
  const { exportName: name, uses } = helper;
  const use = { ...uses[0]!, names: [...new Set(uses.flatMap(({ names }) => names))] };
  const todo = `throw new Error('${name} is not ported yet${ported === null ? '' : ` from ${ported}`}');`;
  const what = `/** ${describe(use)} */`;
  if (use.role === 'tool') return renderTool(helper, { what, todo: todo.replace("'*", "'this tool") });
  if (use.role === 'schema' || use.role === 'structured_output')
    return { code: `${what}\nexport const ${name} = z.object({});`, types: [], usesZod: true };
  if (use.role === 'generator') {
    const methods =
      use.names.length === 0
        ? ['generate(state: State): object {']
        : use.names.map((method) => `${method}(value: unknown, state: State): unknown {`);
    return {
      code: `${what}\nexport class ${name} {\n${methods.map((method) => `  ${method}\n    ${todo}\n  }`).join('\n\n')}\n}`,
      types: ['State'],
      usesZod: false,
    };
  }
  const { type, types, method } = PATTERNS[use.role];
  const promise = type === undefined ? '' : ` implements ${type}`;
  const code = `${what}\nexport class ${name}${promise} {\n  ${method(use)}\n    ${todo}\n  }\n}`;
  return { code, types: type === undefined ? types : [...types, type], usesZod: false };
}

/** A tool, or a class or module of tools: what its Python twin has is taken over by name. */
function renderTool(
  { exportName, python }: TaskHelper,
  { what, todo }: { what: string; todo: string },
): RenderedHelper {
  const members = python.status === 'found' ? python.members : [];
  const tool = (indent: string): string =>
    [
      '{',
      "  description: 'What it does, and when to call it',",
      '  parameters: z.object({}),',
      '  execute(): string {',
      `    ${todo}`,
      '  },',
      '}',
    ].join(`\n${indent}`);
  const names = exportName !== '*' ? [exportName] : members.length === 0 ? ['my_tool'] : members;
  const code =
    exportName !== '*' && members.length > 0
      ? `export class ${exportName} {\n${members.map((member) => `  ${member}: Tool = ${tool('  ')};`).join('\n\n')}\n}`
      : names.map((name) => `export const ${name}: Tool = ${tool('')};`).join('\n\n');
  return { code: `${what}\n${code}`, types: ['Tool'], usesZod: true };
}

function describe({ role, path, names }: HelperUse): string {
  const place = path.filter((step) => step !== 'graph_config' && step !== 'nodes').join('.');
  const writes =
    names.length > 0 && ['lambda', 'post_process', 'multi_llm_post_process', 'set_function'].includes(role);
  return `${place}${writes ? `; writes ${names.join(', ')}` : ''}`.replaceAll('*/', '* /');
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
