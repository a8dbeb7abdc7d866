import { stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve, sep } from 'node:path';

import type { ModuleFact } from '../../pipeline/facts.ts';
import { inspectModule } from '../functions/inspect-module.ts';
import { inspectPython } from '../functions/python/inspect-python.ts';
import { recipesFolder } from '../recipes-folder.ts';
import { foldersAbove } from './folders-above.ts';
import { shownPath } from './task-file.ts';

const SCRIPT_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
const PYTHON_EXTENSION = '.py';

export interface ModuleFactOptions {
  /** `./functions.ts`, or `tasks.examples.foo.task_executor` as SyGra writes it. */
  specifier: string;
  /** Absolute. */
  taskFolder: string;
  /** Absolute. */
  workingDirectory: string;
  environment: NodeJS.ProcessEnv;
  /** The language of helpers, as the pipeline says; null: Python where there is no TypeScript of the same name. */
  helpers: 'python' | 'typescript' | null;
}

/** Finds a module that the pipeline names and tells what it exports. */
export async function gatherModuleFact(options: ModuleFactOptions): Promise<ModuleFact> {
  const files = moduleCandidates(options);
  const recipes = recipesFolder();
  for (const file of files) {
    if (!(await isFile(file))) continue;
    if (extname(file) === PYTHON_EXTENSION) return inspectPython({ ...options, file });
    const fact = await inspectModule({ file, shownFrom: options.workingDirectory });
    // Where Syngraph is installed is the machine's affair.
    const isRecipe = fact.status === 'found' && file.startsWith(recipes);
    return isRecipe ? { ...fact, shown: `syngraph/recipes/${relative(recipes, file).split(sep).join('/')}` } : fact;
  }
  return { status: 'missing', triedFiles: files.map((file) => shownPath(file, options.workingDirectory)) };
}

function moduleCandidates({ specifier, taskFolder, workingDirectory, helpers }: ModuleFactOptions): string[] {
  if (specifier.startsWith('.')) {
    const path = resolve(taskFolder, specifier);
    return [...SCRIPT_EXTENSIONS, PYTHON_EXTENSION].includes(extname(path)) ? [path] : withExtensions(path, helpers);
  }
  const segments = specifier.split('.');
  const recipe = /^(sygra|syngraph)\.recipes\./.test(specifier) ? [join(recipesFolder(), ...segments.slice(2))] : [];
  const own = segments.lastIndexOf(basename(taskFolder)) + 1;
  const suffixes = segments.map((_, index) => segments.slice(segments.length - 1 - index));
  const paths = [
    ...recipe,
    // The path says that it means this task, wherever the task's folder lies.
    ...(own > 0 && own < segments.length ? [join(taskFolder, ...segments.slice(own))] : []),
    // It may mean a module of another task, whose file of the same name must not be mistaken for ours.
    join(workingDirectory, ...segments),
    ...foldersAbove(taskFolder, segments[0]!).map((above) => join(above, ...segments)),
    // The task's folder was renamed.
    ...suffixes.map((suffix) => join(taskFolder, ...suffix)),
  ];
  return [...new Set(paths)].flatMap((path) => withExtensions(path, path === recipe[0] ? 'typescript' : helpers));
}

/** In the order in which they are looked for. */
function withExtensions(path: string, helpers: ModuleFactOptions['helpers']): string[] {
  if (helpers === 'python') return [`${path}${PYTHON_EXTENSION}`];
  const scripts = SCRIPT_EXTENSIONS.map((extension) => `${path}${extension}`);
  return helpers === 'typescript' ? scripts : [...scripts, `${path}${PYTHON_EXTENSION}`];
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}
