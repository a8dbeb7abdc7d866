import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';

import { SyngraphError } from '../../pipeline/errors.ts';
import { nearestName } from '../../pipeline/nearest-name.ts';
import { isMissing } from '../store/store-error.ts';
import { nearbyTasks } from './nearby-tasks.ts';

export const PIPELINE_FILE_NAMES = ['graph_config.yaml', 'graph_config.yml', 'pipeline.yaml', 'pipeline.yml'];

export interface TaskFile {
  /** Absolute path of the pipeline file, with links resolved. */
  path: string;
  /** Absolute, with links resolved. */
  folder: string;
  /** The file as messages show it: relative to the working directory where it lies inside it. */
  shown: string;
  /** The folder's name, or the file's without its extension if it is not one of the usual names. */
  pipelineName: string;
}

/**
 * Finds what `task` means: a folder, a YAML file, or SyGra's spelling (`tasks.examples.foo`,
 * `examples.foo` or `examples/foo` for the folder tasks/examples/foo).
 * @throws SyngraphError TASK_NOT_FOUND with what was tried and the tasks there are
 */
export async function findTaskFile(task: string, workingDirectory: string): Promise<TaskFile> {
  const candidates = taskCandidates(task).map((candidate) => resolve(workingDirectory, candidate));
  for (const candidate of candidates) {
    const file = await pipelineFileAt(candidate);
    if (file === null) continue;
    const path = join(await realpath(dirname(file)), basename(file));
    return { path, folder: dirname(path), shown: shownPath(file, workingDirectory), pipelineName: pipelineName(file) };
  }
  throw await taskNotFound({ task, candidates, workingDirectory });
}

/** Relative where the file lies inside the working directory. */
export function shownPath(file: string, workingDirectory: string): string {
  const way = relative(workingDirectory, file);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? file : way;
}

function taskCandidates(task: string): string[] {
  const candidates = [task];
  if (isAbsolute(task) || task.startsWith('.')) return candidates;
  const asPath = /^[\w-]+(\.[\w-]+)*$/.test(task) ? task.replaceAll('.', '/') : task;
  candidates.push(asPath, join('tasks', asPath), join('examples', asPath));
  return [...new Set(candidates)];
}

/** The pipeline file that a path means: itself, or the one in the folder; null where there is none. */
export async function pipelineFileAt(path: string): Promise<string | null> {
  const found = await statOrNull(path);
  if (found === null) return null;
  if (!found.isDirectory()) return /\.ya?ml$/i.test(path) ? path : null;
  for (const name of PIPELINE_FILE_NAMES) {
    if ((await statOrNull(join(path, name)))?.isFile() === true) return join(path, name);
  }
  return null;
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return null;
    throw error;
  }
}

function pipelineName(file: string): string {
  const name = basename(file);
  const folderName = basename(dirname(file));
  return PIPELINE_FILE_NAMES.includes(name) && folderName !== '' ? folderName : basename(name, extname(name));
}

interface MissingTask {
  task: string;
  candidates: string[];
  workingDirectory: string;
}

async function taskNotFound({ task, candidates, workingDirectory }: MissingTask): Promise<SyngraphError> {
  const tasks = await nearbyTasks(workingDirectory, PIPELINE_FILE_NAMES);
  const byName = new Map(tasks.map((path) => [basename(path), path]));
  const nearest =
    nearestName(task, tasks) ?? byName.get(nearestName(basename(task), byName.keys()) ?? basename(task)) ?? null;
  const existing = await Promise.all(candidates.map(async (path) => (await statOrNull(path))?.isDirectory() === true));
  const empty = candidates.find((_, index) => existing[index]);
  const tried = candidates.map((path) => shownPath(path, workingDirectory)).join(', ');
  return new SyngraphError({
    code: 'TASK_NOT_FOUND',
    message:
      empty === undefined
        ? `There is no task "${task}"; looked for ${tried}`
        : `The folder ${shownPath(empty, workingDirectory)} holds no pipeline: none of ${PIPELINE_FILE_NAMES.join(', ')}`,
    nextStep: nextStep(nearest, tasks),
    details: { task },
  });
}

function nextStep(nearest: string | null, tasks: string[]): string {
  if (nearest !== null) return `Did you mean ${nearest}?`;
  if (tasks.length === 0) return 'Name a task folder or a YAML file; `syngraph init` writes a task that runs.';
  return `Tasks here: ${tasks.slice(0, 10).join(', ')}${tasks.length > 10 ? ', …' : ''}`;
}
