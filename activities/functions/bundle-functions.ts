import { createHash } from 'node:crypto';
import { dirname, relative, resolve, sep } from 'node:path';

import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';

import { SyngraphError } from '../../pipeline/errors.ts';
import type { FunctionReference } from '../../pipeline/plan.ts';
import { recipesFolder } from '../recipes-folder.ts';
import { describeBuildFailure, isBuildFailure } from './build-messages.ts';
import { ownCode, typesOnlySyngraph, unmappedPackages, zodFallback } from './package-resolution.ts';
import { SOURCE_SCHEME } from './source-scheme.ts';

export interface BundledFunction {
  reference: FunctionReference;
  /** Absolute. */
  file: string;
  /** `*`: the module with all its exports. */
  exportName: string;
}

export interface BundleOptions {
  /** Absolute. Packages are looked up from here, and positions in stacks are relative to it. */
  taskFolder: string;
  functions: BundledFunction[];
  /** Folder that paths in error messages are relative to. Default: the working directory. */
  shownFrom?: string;
}

export interface FunctionBundle {
  /** A self-contained ES module that exports `functions`, a table from reference to export. */
  code: string;
  /** sha256 of `code`, in hexadecimal; the same on every machine that has the same files. */
  hash: string;
}

/**
 * Bundles the task's functions and the packages that they import. Raises PIPELINE_INVALID with the
 * position of every module that cannot be read or resolved.
 */
export async function bundleFunctions(options: BundleOptions): Promise<FunctionBundle> {
  const { taskFolder } = options;
  try {
    const result = await build(buildOptions(options));
    const map = textOf(result.outputFiles, '.map');
    const code = `${textOf(result.outputFiles, '.mjs')}${inlineSourceMap(map, taskFolder)}`;
    return { code, hash: createHash('sha256').update(code).digest('hex') };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const shownFrom = options.shownFrom ?? process.cwd();
    throw new SyngraphError({
      code: 'PIPELINE_INVALID',
      message: `The task's code cannot be bundled:\n${describeBuildFailure(error, { buildFolder: taskFolder, shownFrom })}`,
      nextStep: 'Mend the code, or install the packages that it imports with npm in the task folder or above it.',
      cause: error,
    });
  }
}

function buildOptions({ taskFolder, functions }: BundleOptions): BuildOptions & { write: false } {
  return {
    stdin: { contents: entryModule(taskFolder, functions), resolveDir: taskFolder, loader: 'js' },
    absWorkingDir: taskFolder,
    outfile: resolve(taskFolder, 'bundle.mjs'),
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    sourcemap: 'external',
    sourcesContent: false,
    // Comments would name paths, which differ between machines; stacks come from the source map anyway.
    minifyWhitespace: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    // CommonJS packages call require() for Node's own modules, which ES modules do not have.
    banner: {
      js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
    },
    plugins: [zodFallback, typesOnlySyngraph, ownCode, unmappedPackages],
  };
}

function entryModule(taskFolder: string, functions: BundledFunction[]): string {
  const sorted = [...functions].sort((first, second) => (first.reference < second.reference ? -1 : 1));
  const files = [...new Set(sorted.map(({ file }) => file))];
  const imports = files.map(
    (file, index) => `import * as module${index} from ${JSON.stringify(importPath(taskFolder, file))};`,
  );
  const entries = sorted.map(
    ({ reference, file, exportName }) =>
      `[${JSON.stringify(reference)}]: module${files.indexOf(file)}${exportName === '*' ? '' : `[${JSON.stringify(exportName)}]`},`,
  );
  return `${imports.join('\n')}\nexport const functions = {\n${entries.join('\n')}\n};\n`;
}

function importPath(taskFolder: string, file: string): string {
  const path = relative(taskFolder, file).split(sep).join('/');
  return path.startsWith('../') ? path : `./${path}`;
}

function textOf(files: { path: string; text: string }[], suffix: string): string {
  const found = files.find(({ path }) => path.endsWith(suffix));
  if (found === undefined) throw new SyngraphError({ code: 'INTERNAL', message: `The bundler made no ${suffix} file` });
  return found.text;
}

function inlineSourceMap(text: string, taskFolder: string): string {
  const map = JSON.parse(text) as { version: number; sources: string[]; mappings: string; names: string[] };
  const sources = map.sources.map((source) => `${SOURCE_SCHEME}${portablePath(source, taskFolder)}`);
  const json = JSON.stringify({ version: map.version, sources, mappings: map.mappings, names: map.names });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}\n`;
}

/** Where packages and Syngraph itself are installed, and where a shared folder lies above the task, is the machine's affair. */
function portablePath(source: string, taskFolder: string): string {
  const own = relative(dirname(recipesFolder()), resolve(taskFolder, source)).split(sep).join('/');
  if (/^(recipes|formats|pipeline)[/.]/.test(own)) return `syngraph/${own}`;
  const packages = source.lastIndexOf('node_modules/');
  return packages === -1 ? source.replace(/^(\.\.\/)+/, '') : source.slice(packages);
}
