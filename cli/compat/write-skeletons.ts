import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { TaskHelper } from '../../activities/planning/inspect-helpers.ts';
import { renderSkeleton } from './skeleton.ts';

export interface WrittenSkeletons {
  /** Absolute. */
  written: string[];
  /** Files that exist already, and what they lack. */
  kept: { file: string; missing: string[] }[];
}

/** Writes a module for each one that the task names and that is not there in TypeScript. Never writes over a file. */
export async function writeSkeletons(helpers: readonly TaskHelper[]): Promise<WrittenSkeletons> {
  const result: WrittenSkeletons = { written: [], kept: [] };
  const missing = helpers.filter(({ typescript }) => typescript.status === 'missing');
  for (const file of new Set(missing.map(({ target }) => target))) {
    const own = missing.filter(({ target }) => target === file);
    const python = own.map((helper) => helper.python).find((place) => place.status === 'found');
    await mkdir(dirname(file), { recursive: true });
    try {
      await writeFile(file, renderSkeleton(own, python === undefined ? null : basename(python.file)), { flag: 'wx' });
      result.written.push(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      result.kept.push({ file, missing: own.map(({ exportName }) => exportName) });
    }
  }
  return result;
}
