import { isClass, type CallTarget, schemaTarget, type Schema } from './call-target.ts';

/** What a model is told of a tool. */
export interface ToolDescription {
  name: string;
  description: string;
  /** JSON Schema of an object. */
  parameters: Record<string, unknown>;
}

interface FoundTool {
  name: string;
  description: string;
  schema: Schema & { toJSONSchema?: (options: object) => Record<string, unknown> };
  execute: (...argumentList: unknown[]) => unknown;
}

/** What function-calling APIs take as a name. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The tools of an export: the export itself, the static members and those of an instance where it is
 * a class, or the exports of a module (`tools.ts#*`). Runs in function threads.
 */
export function describeTools(reference: string, exported: unknown): ToolDescription[] {
  return findTools(reference, exported).map(({ name, description, schema }) => ({
    name,
    description,
    parameters: jsonSchema(reference, name, schema),
  }));
}

/** Called with a tool's name, its arguments and a context. Arguments that do not fit the schema raise. */
export function makeToolTarget(reference: string, exported: unknown): CallTarget {
  const tools = new Map(findTools(reference, exported).map((tool) => [tool.name, tool]));
  return ([name, values, context]) => {
    const tool = tools.get(String(name));
    if (tool === undefined) throw new TypeError(`${reference} has no tool ${String(name)}; it has: ${[...tools.keys()].join(', ')}`);
    const checked = schemaTarget(tool.schema)([values]);
    if (!(checked instanceof Promise)) return tool.execute(checked, context);
    return checked.then((parsed) => tool.execute(parsed, context));
  };
}

function findTools(reference: string, exported: unknown): FoundTool[] {
  const own = asTool(reference.slice(reference.indexOf('#') + 1), exported);
  const tools = own === null ? memberTools(exported) : [own];
  if (tools.length === 0) {
    throw new TypeError(`${reference} is no tool and holds none; a tool is { description, parameters: z.object({ … }), execute }`);
  }
  for (const [index, { name }] of tools.entries()) {
    if (!TOOL_NAME.test(name)) throw new TypeError(`${reference}: "${name}" cannot name a tool: 1 to 64 letters, digits, _ and - are allowed`);
    if (tools.findIndex((tool) => tool.name === name) < index) throw new TypeError(`${reference} has two tools called ${name}`);
  }
  return tools;
}

function memberTools(exported: unknown): FoundTool[] {
  if (typeof exported === 'function') {
    if (!isClass(exported)) return [];
    const Class = exported as unknown as new () => object;
    return [...toolsOf(Class, Function.prototype), ...toolsOf(new Class(), Object.prototype)];
  }
  return typeof exported === 'object' && exported !== null ? toolsOf(exported, Object.prototype) : [];
}

/** Members of the object and of what it inherits from, as far as `end`. */
function toolsOf(holder: object, end: object): FoundTool[] {
  const tools = new Map<string, FoundTool>();
  for (let owner: object | null = holder; owner !== null && owner !== end; owner = Object.getPrototypeOf(owner) as object | null) {
    for (const key of Object.getOwnPropertyNames(owner)) {
      if (key === 'prototype' || key === 'constructor' || tools.has(key)) continue;
      const tool = asTool(key, (holder as Record<string, unknown>)[key], holder);
      if (tool !== null) tools.set(key, tool);
    }
  }
  return [...tools.values()];
}

function asTool(name: string, value: unknown, holder?: object): FoundTool | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return null;
  const { parameters, description, execute, name: ownName } = value as Record<string, unknown>;
  if (!isSchema(parameters)) return null;
  const callee = typeof value === 'function' ? value : execute;
  if (typeof callee !== 'function') return null;
  return {
    // A function's name may be that of an inner one; where it is exported it has the name that the file shows.
    name: typeof value === 'object' && typeof ownName === 'string' ? ownName : name,
    description: typeof description === 'string' ? description : '',
    schema: parameters,
    execute: (...argumentList) => (callee as FoundTool['execute']).apply(typeof value === 'function' ? holder : value, argumentList),
  };
}

function isSchema(value: unknown): value is FoundTool['schema'] {
  return typeof value === 'object' && value !== null && 'safeParse' in value && typeof value.safeParse === 'function';
}

function jsonSchema(reference: string, name: string, schema: FoundTool['schema']): Record<string, unknown> {
  if (typeof schema.toJSONSchema !== 'function') {
    throw new TypeError(`${reference}: the parameters of ${name} are of a zod without toJSONSchema(); install zod 4.6 or newer, or none to use the one of Syngraph`);
  }
  const { $schema: _dialect, ...described } = schema.toJSONSchema({ io: 'input', unrepresentable: 'any' });
  if (described['type'] !== 'object') throw new TypeError(`${reference}: the parameters of ${name} must be z.object({ … })`);
  return described;
}
