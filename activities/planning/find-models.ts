import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { SyngraphError } from '../../pipeline/errors.ts';
import type { PipelineFacts } from '../../pipeline/facts.ts';
import { isMissing } from '../store/store-error.ts';
import { shownPath } from './task-file.ts';

export interface FindModelsOptions {
  /** As the user gave it; relative to the working directory. */
  modelsFile?: string;
  taskFolder: string;
  workingDirectory: string;
}

/**
 * The models.yaml that holds for a task: the one that was asked for, the task's own, then
 * config/models.yaml of the working directory.
 * @throws SyngraphError MODELS_INVALID where the one that was asked for cannot be read
 */
export async function findModels(options: FindModelsOptions): Promise<PipelineFacts['models']> {
  const { modelsFile, taskFolder, workingDirectory } = options;
  if (modelsFile !== undefined) {
    const found = await readModels(resolve(workingDirectory, modelsFile), workingDirectory);
    if (found !== null) return found;
    throw new SyngraphError({
      code: 'MODELS_INVALID',
      message: `There is no models file ${modelsFile}`,
      nextStep: `Without --models, models.yaml of the task folder or config/models.yaml of ${workingDirectory} is used.`,
    });
  }
  const usual = ['models.yaml', 'models.yml'];
  const files = [
    ...usual.map((name) => join(taskFolder, name)),
    ...usual.map((name) => join(workingDirectory, 'config', name)),
  ];
  for (const file of files) {
    const found = await readModels(file, workingDirectory);
    if (found !== null) return found;
  }
  return null;
}

async function readModels(file: string, workingDirectory: string): Promise<PipelineFacts['models']> {
  try {
    return { file: shownPath(file, workingDirectory), text: await readFile(file, 'utf8') };
  } catch (error) {
    if (isMissing(error)) return null;
    const shown = shownPath(file, workingDirectory);
    const message = `The models file ${shown} cannot be read: ${(error as Error).message}`;
    throw new SyngraphError({ code: 'MODELS_INVALID', message, details: { file: shown }, cause: error });
  }
}
