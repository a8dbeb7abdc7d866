import type { JsonValue } from './json.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { FunctionKind } from './code-plan.ts';
import type { ParsedPipeline } from './parsed-pipeline.ts';
import type { SourceWant } from './source-want.ts';

/**
 * What the compiler must know of the world. `pipeline/` does no I/O: `activities/planning` looks
 * these up for what `readPipeline` says it wants, and hands them to `compilePipeline`.
 */
export interface PipelineFacts {
  /** By `moduleKey`: for the pipeline's own modules as it names them (`ModuleWant.specifier`). */
  modules: Record<string, ModuleFact>;
  /** By position in `PipelineWants.sources`. */
  sources: SourceFact[];
  /** models.yaml that was found, parsed text and where; null: none was found. */
  models: { file: string; text: string } | null;
  /** By name of the subgraph node. Absent: there are none. */
  subgraphs?: Record<string, SubgraphFact>;
}

/** Where a module is looked up among the facts; those of subgraphs are told apart by the folder that names them. */
export function moduleKey(module: { specifier: string; folder: string; taskFolder: string }): string {
  const { specifier, folder, taskFolder } = module;
  return folder === taskFolder ? specifier : `${folder}\0${specifier}`;
}

/** What a subgraph node leads to. */
export type SubgraphFact =
  | {
      status: 'found';
      /** With what the node overrides; null where nothing of it can be read. */
      parsed: ParsedPipeline | null;
      diagnostics: Diagnostic[];
      /** As in `PipelineFacts`, of the subgraph's own. */
      sources: SourceFact[];
      subgraphs: Record<string, SubgraphFact>;
    }
  | { status: 'missing'; triedFiles: string[] }
  | { status: 'broken'; message: string }
  /** Files from the one that is come back to, to itself. */
  | { status: 'cycle'; files: string[] }
  /** Deeper, or more of them, than are followed. */
  | { status: 'too_many'; limit: string };

export type ModuleFact =
  /** `shown`: the file as references name it. Default: relative to the task folder. */
  | { status: 'found'; file: string; shown?: string; exports: Record<string, ExportFact> }
  | { status: 'missing'; triedFiles: string[] }
  | { status: 'broken'; file: string; message: string };

/** `methods` are those of a class's prototype; `unknown` where the export cannot be told without running it. */
export interface ExportFact {
  kind: FunctionKind | 'unknown';
  methods?: string[];
}

export type SourceFact =
  /** `columns` of the first records as the file has them, before transformations; null: cannot be told. */
  | { status: 'found'; resolvedPath: string | null; columns: string[] | null; sample: Record<string, JsonValue> | null }
  | { status: 'missing'; triedPaths: string[] }
  /** `isUnreachable`: it lies on a server that does not answer, and may be well. */
  | { status: 'broken'; message: string; isUnreachable?: boolean };

export interface PipelineWants {
  modules: ModuleWant[];
  sources: SourceWant[];
}

export interface ModuleWant {
  /** e.g. `tasks.examples.foo.task_executor` or `./functions.ts`. */
  specifier: string;
  exports: string[];
}
