import { resolve } from 'node:path';

import type { BuildFailure } from 'esbuild';

import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import { shownPath } from './task-file.ts';

export interface BuildDiagnosticsOptions {
  /** What esbuild's paths are relative to. */
  taskFolder: string;
  workingDirectory: string;
  /** For messages without a place of their own. */
  shownFile: string;
}

/** What the bundler found wrong with the task's code, at the place in the user's module. */
export function buildDiagnostics(failure: BuildFailure, options: BuildDiagnosticsOptions): Diagnostic[] {
  const { taskFolder, workingDirectory, shownFile } = options;
  return failure.errors.map(({ text, location }): Diagnostic => {
    const base = { code: 'MODULE_BROKEN', severity: 'error', message: text } as const;
    // The generated entry module is no file of the user's.
    if (location === null || location.file === '<stdin>') return { ...base, file: shownFile, line: 1, column: 1 };
    const { file, line, column, length } = location;
    const hint = text.startsWith('Could not resolve')
      ? 'Install it with npm in the task folder or above it, or mend the path.'
      : undefined;
    return {
      ...base,
      ...(hint === undefined ? {} : { hint }),
      file: shownPath(resolve(taskFolder, file), workingDirectory),
      line,
      column: column + 1,
      ...(length > 0 ? { endColumn: column + 1 + length } : {}),
    };
  });
}
