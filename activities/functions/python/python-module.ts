import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

export interface PythonModuleOptions {
  /** `tasks.examples.foo.task_executor` or `./functions.py`. */
  specifier: string;
  /** Absolute. */
  file: string;
  /** Absolute. */
  workingDirectory: string;
}

/** Under which name a file is imported, and where other dotted names are looked for. */
export interface PythonModule {
  module: string;
  file: string;
  /** The folder that the dotted name starts from, for SyGra's tasks the one that holds `tasks`. */
  root: string;
  /** Set where folders bear other names than the pipeline gives them: package to folder. */
  folders: Record<string, string>;
}

/** Helpers import each other by the names that the pipeline uses, wherever the task's folder lies. */
export function pythonModule({ specifier, file, workingDirectory }: PythonModuleOptions): PythonModule {
  const path = file.replace(/(\/__init__)?\.py$/, '').split(sep);
  if (specifier.startsWith('.')) {
    const inside = relative(workingDirectory, path.join(sep)).split(sep);
    if (inside[0] !== '..' && !isAbsolute(inside.join(sep)) && inside.every(isIdentifier)) {
      return { module: inside.join('.'), file, root: workingDirectory, folders: {} };
    }
    const folder = basename(dirname(file)).replace(/\W/g, '_') || 'task';
    return { module: `${folder}.${basename(file, '.py')}`, file, root: workingDirectory, folders: { [folder]: dirname(file) } };
  }
  const segments = specifier.split('.');
  let same = 0;
  while (same < segments.length && segments.at(-1 - same) === path.at(-1 - same)) same += 1;
  const folder = path.slice(0, path.length - same).join(sep) || sep;
  const named = segments.slice(0, segments.length - same).join('.');
  if (named === '') return { module: specifier, file, root: folder, folders: {} };
  return { module: specifier, file, root: workingDirectory, folders: { [named]: folder } };
}

/** Looked through in this order; a module beside the others may be imported by its bare name. */
export function pythonRoots(modules: readonly PythonModule[], workingDirectory: string): string[] {
  return [...new Set([...modules.map(({ root }) => root), workingDirectory, ...modules.map(({ file }) => dirname(file))])];
}

/** Where a file lies among the roots, with slashes; it is what tracebacks show. */
export function pathInRoots(file: string, roots: readonly string[]): string {
  const ways = roots.map((root) => relative(root, file)).filter((way) => !way.startsWith('..') && !isAbsolute(way));
  return (ways[0] ?? join(basename(dirname(file)), basename(file))).split(sep).join('/');
}

function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(name);
}
