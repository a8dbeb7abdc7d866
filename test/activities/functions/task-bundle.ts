import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { bundleFunctions } from '../../../activities/functions/bundle-functions.ts';

export interface TaskFolder {
  folder: string;
  write: (files: Record<string, string>) => Promise<void>;
  remove: () => Promise<void>;
}

export async function makeTaskFolder(files: Record<string, string>): Promise<TaskFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-task-'));
  const write = async (more: Record<string, string>): Promise<void> => {
    for (const [name, text] of Object.entries(more)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  await write(files);
  return { folder, write, remove: () => rm(folder, { recursive: true }) };
}

/** Bundles exports of functions.ts, each under its own name, and returns the bundle's path. */
export async function bundleExports(task: TaskFolder, names: string[]): Promise<string> {
  const file = join(task.folder, 'functions.ts');
  const functions = names.map((name) => ({ reference: name, file, exportName: name }));
  const { code, hash } = await bundleFunctions({ taskFolder: task.folder, functions });
  await task.write({ [`bundles/${hash}.mjs`]: code });
  return join(task.folder, `bundles/${hash}.mjs`);
}
