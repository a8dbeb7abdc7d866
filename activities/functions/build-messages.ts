import { relative, resolve } from 'node:path';

import type { BuildFailure, Message } from 'esbuild';

export interface BuildMessageOptions {
  /** Folder that esbuild's paths are relative to. */
  buildFolder: string;
  /** Folder that the paths shown are relative to. */
  shownFrom: string;
}

/** One line a mistake: `file:line:column: what is wrong`, columns from 1. */
export function describeBuildFailure(failure: BuildFailure, options: BuildMessageOptions): string {
  return failure.errors.map((message) => describeMessage(message, options)).join('\n');
}

function describeMessage(message: Message, options: BuildMessageOptions): string {
  const { location } = message;
  // The generated entry module has no file of the user's to point at.
  if (location === null || location.file === '<stdin>') return message.text;
  const file = relative(options.shownFrom, resolve(options.buildFolder, location.file));
  return `${file}:${location.line}:${location.column + 1}: ${message.text}`;
}

export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}
