import { dirname, resolve } from 'node:path';

import { build } from 'esbuild';

import type { ModuleFact } from '../../pipeline/facts.ts';
import { describeBuildFailure, isBuildFailure } from './build-messages.ts';
import { readDeclarations } from './module-declarations.ts';
import { typesOnlySyngraph } from './package-resolution.ts';

export interface InspectOptions {
  /** Absolute; .ts, .mts, .js or .mjs. It must exist. */
  file: string;
  /** Folder that paths in messages are relative to. Default: the working directory. */
  shownFrom?: string;
}

/** What a module of the task exports, told without running it. Files that it imports are read too, packages are not. */
export async function inspectModule({ file, shownFrom = process.cwd() }: InspectOptions): Promise<ModuleFact> {
  const folder = dirname(file);
  try {
    const result = await build({
      entryPoints: [file],
      absWorkingDir: folder,
      outfile: resolve(folder, 'inspected.mjs'),
      write: false,
      metafile: true,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node20',
      legalComments: 'none',
      charset: 'utf8',
      logLevel: 'silent',
      plugins: [typesOnlySyngraph],
    });
    const exportNames = Object.values(result.metafile.outputs).flatMap((output) => output.exports);
    return { status: 'found', file, exports: readDeclarations(result.outputFiles[0]?.text ?? '', exportNames) };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { status: 'broken', file, message: describeBuildFailure(error, { buildFolder: folder, shownFrom }) };
  }
}
