import type { CompiledGraph } from './compiled-graph.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';
import { countBefore, MAX_FAULTS, promptMessages } from './nodes/compile-prompt.ts';
import type { CompiledNode } from './compile-nodes.ts';
import { parseTemplate, templateVariables } from '../template.ts';

export interface StateKnowledge {
  /** Columns of the source after its transformations; null: cannot be told. */
  columns: ReadonlySet<string> | null;
  graph: CompiledGraph;
  /** In the order of `graph.names`. */
  nodes: CompiledNode[];
}

/**
 * Prompt variables that are neither a column of the source nor written by a node that comes before.
 * Where something before the node may write any key, nothing is reported.
 */
export function checkVariables(context: CompileContext, knowledge: StateKnowledge): void {
  const { graph, nodes } = knowledge;
  if (knowledge.columns === null) return;
  const before = ancestors(graph.targets);
  for (const [index, name] of graph.names.entries()) {
    const { config, path } = context.parsed.nodes.find((node) => node.name === name)!;
    const { plan } = nodes[index]!;
    if (config?.node_type !== 'llm' && config?.node_type !== 'multi_llm' && config?.node_type !== 'agent') continue;
    if (plan === null || !('preProcess' in plan) || plan.preProcess !== null) continue;
    const known = knownKeys(knowledge, before[index]!);
    if (known === null) continue;
    for (const text of promptMessages(config.prompt, path).flat()) {
      const unknown = templateVariables(parseTemplate(text.text).template).filter((variable) => !known.has(variable));
      for (const variable of unknown.slice(0, MAX_FAULTS)) {
        const placeholder = `{${variable}}`;
        const occurrence = countBefore(text.text, placeholder, firstUse(text.text, placeholder));
        context.report({
          code: 'UNKNOWN_VARIABLE',
          path: text.path,
          target: { part: 'text', text: placeholder, occurrence },
          message: `Nothing provides {${variable}} to "${name}": it is no column of the source, and no node before writes it`,
          hint: nearestHint(variable, known) ?? (context.outermost === null ? PROVIDE_HINT : SUBGRAPH_HINT),
          allowed: [...known],
        });
      }
    }
  }
}

const PROVIDE_HINT = 'Add it to the source or to the output_keys of a node before; literal braces are doubled: {{ }}.';
const SUBGRAPH_HINT = 'Provide it in the outer graph, or rename it with prompt_placeholder_map in the subgraph node.';

/** State keys that a record may have when it comes to a node; null: cannot be told. */
export function keysBefore(knowledge: StateKnowledge, index: number): ReadonlySet<string> | null {
  return knownKeys(knowledge, ancestors(knowledge.graph.targets)[index]!);
}

function knownKeys({ columns, nodes }: StateKnowledge, before: ReadonlySet<number>): Set<string> | null {
  const sources = [...before].map((index) => nodes[index]!);
  if (columns === null || sources.some((source) => source.writesMore)) return null;
  return new Set([...columns, ...sources.flatMap((source) => source.writes)]);
}

/** Where a placeholder stands for the first time that is not in doubled braces. */
function firstUse(text: string, placeholder: string): number {
  for (let at = text.indexOf(placeholder); at !== -1; at = text.indexOf(placeholder, at + 1)) {
    const braces = /\{*$/.exec(text.slice(0, at))![0].length;
    if (braces % 2 === 0) return at;
  }
  return 0;
}

/** For each node the nodes from which it can be reached, loops included. */
function ancestors(targets: readonly (readonly number[])[]): Set<number>[] {
  const result = targets.map(() => new Set<number>());
  for (const origin of targets.keys()) {
    const waiting = targets[origin]!.filter((target) => target >= 0);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (result[node]!.has(origin)) continue;
      result[node]!.add(origin);
      waiting.push(...targets[node]!.filter((target) => target >= 0));
    }
  }
  return result;
}
