import { compilePipeline, type CompilePipelineResult } from '../../pipeline/compile-pipeline.ts';
import { type Diagnostic, sortDiagnostics } from '../../pipeline/diagnostics.ts';
import type { ModuleFact, PipelineFacts, SourceFact } from '../../pipeline/facts.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { readPipeline } from '../../pipeline/read-pipeline.ts';

export interface CompileTextOptions {
  /** Columns of every source; null: cannot be told. Default: id, text, question. */
  columns?: string[] | null;
  modules?: Record<string, ModuleFact>;
  models?: string;
  sources?: SourceFact[];
}

export const FUNCTIONS: ModuleFact = {
  status: 'found',
  file: '/tasks/demo/functions.ts',
  exports: {
    route: { kind: 'function' },
    change: { kind: 'function' },
    isLong: { kind: 'function' },
    Condition: { kind: 'class', methods: ['apply'] },
    Generator: { kind: 'class', methods: ['tidy'] },
    Writer: { kind: 'class', methods: ['generate'] },
    Row: { kind: 'schema' },
    mystery: { kind: 'unknown' },
  },
};

/** Reads and compiles a text with made-up facts; diagnostics of both together. */
export function compileText(text: string | Uint8Array, options: CompileTextOptions = {}): CompilePipelineResult {
  const content = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const { parsed, wants, diagnostics } = readPipeline({
    file: 'graph_config.yaml',
    content,
    taskFolder: '/tasks/demo',
  });
  if (parsed === null) return { plan: null, diagnostics, functions: [] };
  const { columns = ['id', 'text', 'question'], models } = options;
  const found: SourceFact = { status: 'found', resolvedPath: '/data/input.jsonl', columns, sample: null };
  const facts: PipelineFacts = {
    modules: { './functions.ts': FUNCTIONS, 'tasks.demo.functions': FUNCTIONS, ...options.modules },
    sources: options.sources ?? wants.sources.map(() => found),
    models: models === undefined ? null : { file: 'models.yaml', text: models },
  };
  const result = compilePipeline({ parsed, facts, pipelineName: 'demo' });
  return { ...result, diagnostics: sortDiagnostics([...diagnostics, ...result.diagnostics]) };
}

export function compilePlan(text: string, options: CompileTextOptions = {}): Plan {
  const { plan, diagnostics } = compileText(text, options);
  if (plan === null) throw new Error(`No plan:\n${summaries(diagnostics).join('\n')}`);
  return plan;
}

/** `CODE line:column` of each. */
export function summaries(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, line, column }) => `${code} ${line}:${column}`);
}

export const SOURCE = `data_config:
  source: {type: disk, file_path: input.jsonl}
`;

/** A pipeline whose nodes write what they are told to; edges such as `a>b`. */
export function graphOf(nodes: Record<string, string>, edges: string[]): string {
  const nodeLines = Object.entries(nodes).map(
    ([name, settings]) =>
      `    ${name}: {node_type: lambda, lambda: "./functions.ts#change"${settings === '' ? '' : `, ${settings}`}}`,
  );
  const edgeLines = edges.map((edge) => {
    const [from, to] = edge.split('>');
    return to!.includes('=')
      ? `    - {from: ${from}, condition: "./functions.ts#route", path_map: {${to!.replaceAll('=', ': ')}}}`
      : `    - {from: ${from}, to: ${to}}`;
  });
  return `${SOURCE}graph_config:\n  nodes:\n${nodeLines.join('\n')}\n  edges:\n${edgeLines.join('\n')}\n`;
}
