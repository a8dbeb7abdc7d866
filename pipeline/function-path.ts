export interface FunctionPath {
  /** Module as the pipeline names it, e.g. `tasks.examples.foo.task_executor` or `./functions.ts`. */
  specifier: string;
  exportName: string;
}

/**
 * `tasks.examples.foo.task_executor.Bar` and `./functions.ts#bar` name an export of a module. null
 * for anything else.
 */
export function parseFunctionPath(text: string): FunctionPath | null {
  const short = /^(\.{1,2}\/[^#\0]+)#([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(text);
  if (short !== null) return { specifier: short[1]!, exportName: short[2]! };
  const dotted = /^([\w-]+(?:\.[\w-]+)*)\.([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(text);
  return dotted === null ? null : { specifier: dotted[1]!, exportName: dotted[2]! };
}

export const FUNCTION_PATH_HINT = 'Write ./functions.ts#name, or tasks.my_task.task_executor.Name as SyGra does.';
