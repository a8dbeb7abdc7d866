import type { JsonValue } from './json.ts';
import type { FunctionKind } from './plan.ts';

/**
 * What the compiler must know of the world. `pipeline/` does no I/O: `activities/planning` looks
 * these up for what `readPipeline` says it wants, and hands them to `compilePipeline`.
 */
export interface PipelineFacts {
  /** By module as the pipeline names it (`ModuleWant.specifier`). */
  modules: Record<string, ModuleFact>;
  /** By position in `PipelineWants.sources`. */
  sources: SourceFact[];
  /** models.yaml that was found, parsed text and where; null: none was found. */
  models: { file: string; text: string } | null;
}

export type ModuleFact =
  | { status: 'found'; file: string; exports: Record<string, ExportFact> }
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
  | { status: 'broken'; message: string };

export interface PipelineWants {
  modules: ModuleWant[];
  sources: SourceWant[];
}

export interface ModuleWant {
  /** e.g. `tasks.examples.foo.task_executor` or `./functions.ts`. */
  specifier: string;
  exports: string[];
}

/** A source as the YAML has it, enough to find and open it. */
export type SourceWant =
  | { type: 'disk'; filePath: string; format: string | null; encoding: string }
  | { type: 'hf'; repoId: string; configName: string | null; splits: string[]; tokenVariable: string | null };
