import { dirname, relative, sep } from 'node:path';

/** Folders above a folder from which a dotted path that begins with `first` may start, nearest first. */
export function foldersAbove(folder: string, first: string): string[] {
  const result: string[] = [];
  for (let above = dirname(folder), below = folder; above !== below; below = above, above = dirname(above))
    if (relative(above, folder).split(sep)[0] === first) result.push(above);
  return result;
}
