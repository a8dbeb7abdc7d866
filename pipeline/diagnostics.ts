/** What can be wrong with a pipeline or a models.yaml. */
export type DiagnosticCode =
  // the file as such
  | 'NOT_UTF8'
  | 'EMPTY_FILE'
  | 'FILE_TOO_LARGE'
  | 'YAML_SYNTAX'
  | 'ALIAS_BOMB'
  // its shape
  | 'DUPLICATE_KEY'
  | 'DUPLICATE_NODE'
  | 'UNKNOWN_KEY'
  | 'MISSING_KEY'
  | 'WRONG_TYPE'
  | 'WRONG_VALUE'
  | 'UNKNOWN_NODE_TYPE'
  | 'NOT_SUPPORTED_YET'
  | 'IGNORED_KEY'
  | 'DEPRECATED_KEY'
  | 'SECRET_IN_FILE'
  // the graph
  | 'UNKNOWN_NODE'
  | 'UNKNOWN_PATH_TARGET'
  | 'UNREACHABLE_NODE'
  | 'NO_START'
  | 'NO_PATH_TO_END'
  | 'CONFLICTING_WRITES'
  | 'GRAPH_TOO_LARGE'
  | 'SUBGRAPH_NOT_FOUND'
  | 'SUBGRAPH_CYCLE'
  | 'NOT_ALONE'
  // prompts, samplers, output
  | 'BAD_TEMPLATE'
  | 'UNKNOWN_VARIABLE'
  | 'BAD_WEIGHTS'
  | 'BAD_CONDITION'
  | 'BAD_SCHEMA'
  | 'BAD_CONFIGURATION_PATH'
  // the task's code, its data, its models
  | 'MODULE_NOT_FOUND'
  | 'MODULE_BROKEN'
  | 'MISSING_EXPORT'
  | 'WRONG_EXPORT'
  | 'SOURCE_NOT_FOUND'
  | 'SOURCE_BROKEN'
  | 'SOURCE_UNREACHABLE'
  | 'UNKNOWN_COLUMN'
  | 'UNKNOWN_MODEL';

export interface Diagnostic {
  code: DiagnosticCode;
  /** A plan is made only where there is no error. */
  severity: 'error' | 'warning';
  /** What is wrong, in one sentence without a final dot. Never a secret. */
  message: string;
  /** What to do about it. */
  hint?: string;
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** Exclusive; absent where only a position is known. */
  endColumn?: number;
  /** The values or names that would have been right. */
  allowed?: string[];
}

/** By file, line and column, the order in which a reader mends them; exact repetitions are left out. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return [...diagnostics]
    .sort((left, right) => compareText(left.file, right.file) || left.line - right.line || left.column - right.column)
    .filter((diagnostic) => {
      const key = JSON.stringify([
        diagnostic.code,
        diagnostic.file,
        diagnostic.line,
        diagnostic.column,
        diagnostic.message,
      ]);
      return !seen.has(key) && seen.add(key);
    });
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
