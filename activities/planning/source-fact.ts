import { stat } from 'node:fs/promises';

import { formatOfPath } from '../../pipeline/compile/source-settings.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { SourceFact } from '../../pipeline/facts.ts';
import type { SourceWant } from '../../pipeline/source-want.ts';
import type { FileFormat, HubSourcePlan, SingleSourcePlan } from '../../pipeline/plan.ts';
import { remoteFile, resolveLocation } from '../store/locations.ts';
import { sampleColumns } from '../data/sample-source.ts';
import { shownPath } from './task-file.ts';

export interface SourceFactOptions {
  want: SourceWant;
  /** Absolute. */
  taskFolder: string;
  /** Absolute. */
  workingDirectory: string;
  environment: NodeJS.ProcessEnv;
}

/** Finds a source and looks at its first rows. */
export async function gatherSourceFact(options: SourceFactOptions): Promise<SourceFact> {
  const { want, taskFolder, workingDirectory } = options;
  // Validating must not need an instance, nor its password.
  if (want.type === 'servicenow') return { status: 'found', resolvedPath: null, columns: want.fields, sample: null };
  if (want.type === 'hf') return sampleSource(hubSource(want), null, options);
  const paths = [...new Set([resolveLocation(taskFolder, want.filePath), resolveLocation(workingDirectory, want.filePath)])];
  const path = await firstFile(paths);
  if (path === null) return { status: 'missing', triedPaths: paths.map((tried) => (remoteFile(tried) === null ? shownPath(tried, workingDirectory) : tried)) };
  const format = want.format ?? formatOfPath(want.filePath);
  // What cannot be opened like this is reported by the compiler, which knows the place.
  if (format === null || !isEncoding(want.encoding))
    return { status: 'found', resolvedPath: path, columns: null, sample: null };
  return sampleSource(
    {
      type: 'disk',
      path,
      format: format as FileFormat,
      encoding: want.encoding,
      transformations: [],
      onBadRecord: 'skip',
    },
    path,
    options,
  );
}

async function sampleSource(
  source: SingleSourcePlan,
  resolvedPath: string | null,
  { environment }: SourceFactOptions,
): Promise<SourceFact> {
  try {
    return { status: 'found', resolvedPath, ...(await sampleColumns(source, environment)) };
  } catch (error) {
    if (!(error instanceof SyngraphError)) throw error;
    return {
      status: 'broken',
      message: error.nextStep === undefined ? error.message : `${error.message} ${error.nextStep}`,
      ...(error.details.isUnreachable === true ? { isUnreachable: true } : {}),
    };
  }
}

function hubSource(want: Extract<SourceWant, { type: 'hf' }>): HubSourcePlan {
  const { repoId, configName, splits, tokenVariable, shard } = want;
  return {
    type: 'hf',
    repoId,
    configName,
    splits,
    streaming: true,
    tokenVariable,
    ...(shard && { shard }),
    transformations: [],
    onBadRecord: 'skip',
  };
}

async function firstFile(paths: string[]): Promise<string | null> {
  for (const path of paths) {
    const remote = remoteFile(path);
    if (remote !== null) return (await remote.stat()) === null ? null : path;
    const found = await stat(path).catch(() => null);
    if (found !== null && !found.isDirectory()) return path;
  }
  return null;
}

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}
