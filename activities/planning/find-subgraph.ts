import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

import { recipesFolder } from '../recipes-folder.ts';
import { foldersAbove } from './folders-above.ts';
import { pipelineFileAt, shownPath } from './task-file.ts';

export interface FindSubgraphOptions {
  /** As the subgraph node has it. */
  text: string;
  /** Folder of the file that the text stands in. Absolute. */
  folder: string;
  /** Absolute. */
  workingDirectory: string;
}

export type FoundSubgraph = { path: string; folder: string; shown: string } | { triedFiles: string[] };

/**
 * The pipeline file that a subgraph node means: `./folder`, a YAML file, SyGra's dotted path of a
 * task folder, or `syngraph.recipes.<name>` (`sygra.recipes.<name>`), which is a recipe of ours.
 */
export async function findSubgraph(options: FindSubgraphOptions): Promise<FoundSubgraph> {
  const { text, folder, workingDirectory } = options;
  const candidates = [...new Set(subgraphCandidates(text, folder, workingDirectory))];
  for (const candidate of candidates) {
    const file = await pipelineFileAt(candidate);
    if (file === null) continue;
    const path = join(await realpath(dirname(file)), basename(file));
    return { path, folder: dirname(path), shown: shownPath(path, workingDirectory) };
  }
  return { triedFiles: candidates.map((path) => shownPath(path, workingDirectory)) };
}

function subgraphCandidates(text: string, folder: string, workingDirectory: string): string[] {
  const recipe = /^(?:sygra|syngraph)\.recipes\.([\w-]+)$/.exec(text)?.[1];
  const own = recipe === undefined ? [] : [join(recipesFolder(), recipe)];
  if (text.startsWith('.') || isAbsolute(text)) return [resolve(folder, text)];
  if (!/^[\w-]+(\.[\w-]+)*$/.test(text) || /\.ya?ml$/i.test(text)) return [resolve(folder, text), resolve(workingDirectory, text)];
  const segments = text.split('.');
  const position = segments.lastIndexOf(basename(folder)) + 1;
  const suffixes = segments.map((_, index) => segments.slice(index));
  return [
    ...own,
    // The path says that it means something in this folder, wherever the folder lies.
    ...(position > 0 ? [join(folder, ...segments.slice(position))] : []),
    join(workingDirectory, ...segments),
    ...foldersAbove(folder, segments[0]!).map((above) => join(above, ...segments)),
    // The folder was renamed, or copied to another place together with those beside it.
    ...suffixes.map((suffix) => join(folder, ...suffix)),
    ...suffixes.map((suffix) => join(dirname(folder), ...suffix)),
  ];
}
