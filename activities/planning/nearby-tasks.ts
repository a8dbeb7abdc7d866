import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

const DEEPEST = 4;
/** The search serves a hint, so it must end soon even in a home folder. */
const MOST_FOLDERS = 500;

/** Folders with a pipeline under the working directory, relative to it, in order of depth and name. */
export async function nearbyTasks(workingDirectory: string, fileNames: readonly string[]): Promise<string[]> {
  const tasks: string[] = [];
  let level = [workingDirectory];
  let visited = 0;
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (++visited > MOST_FOLDERS) return tasks;
      const entries = await readFolder(folder);
      if (entries.some((entry) => entry.isFile() && fileNames.includes(entry.name)))
        tasks.push(relative(workingDirectory, folder) || '.');
      for (const entry of entries) {
        if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
          next.push(join(folder, entry.name));
      }
    }
    level = next.sort();
  }
  return tasks;
}

async function readFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    // A folder that we may not read holds no task that could be run.
    return [];
  }
}
