import { stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve, sep } from 'node:path';

import type { ModuleFact } from '../../pipeline/facts.ts';
import { inspectModule } from '../functions/inspect-module.ts';
import { recipesFolder } from '../recipes-folder.ts';
import { foldersAbove } from './folders-above.ts';
import { shownPath } from './task-file.ts';

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

export interface ModuleFactOptions {
  /** `./functions.ts`, or `tasks.examples.foo.task_executor` as SyGra writes it. */
  specifier: string;
  /** Absolute. */
  taskFolder: string;
  /** Absolute. */
  workingDirectory: string;
}

/** Finds a module that the pipeline names and tells what it exports. */
export async function gatherModuleFact(options: ModuleFactOptions): Promise<ModuleFact> {
  const files = moduleCandidates(options);
  const recipes = recipesFolder();
  for (const file of files) {
    if (!(await isFile(file))) continue;
    const fact = await inspectModule({ file, shownFrom: options.workingDirectory });
    // Where Syngraph is installed is the machine's affair.
    const isRecipe = fact.status === 'found' && file.startsWith(recipes);
    return isRecipe ? { ...fact, shown: `syngraph/recipes/${relative(recipes, file).split(sep).join('/')}` } : fact;
  }
  return { status: 'missing', triedFiles: files.map((file) => shownPath(file, options.workingDirectory)) };
}

function moduleCandidates({ specifier, taskFolder, workingDirectory }: ModuleFactOptions): string[] {
  if (specifier.startsWith('.')) {
    const path = resolve(taskFolder, specifier);
    return EXTENSIONS.includes(extname(path)) ? [path] : withExtensions(path);
  }
  const segments = specifier.split('.');
  const recipe = specifier.startsWith('sygra.recipes.') ? [join(recipesFolder(), ...segments.slice(2))] : [];
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
  return [...new Set(paths)].flatMap(withExtensions);
}

function withExtensions(path: string): string[] {
  return EXTENSIONS.map((extension) => `${path}${extension}`);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}
