import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatOfPath } from '../../pipeline/compile/source-settings.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { SingleSourcePlan } from '../../pipeline/plan.ts';

export interface NamedSource {
  workingDirectory: string;
  /** Of a dataset on the Hub; default train. */
  split?: string | undefined;
  configName?: string | undefined;
  /** What is done with rows that cannot be read. */
  onBadRecord: 'stop' | 'skip';
}

/**
 * The source that an argument names: a file, or what can only be a dataset on the Hub.
 * @throws SyngraphError USAGE, SOURCE_NOT_FOUND
 */
export function sourceNamed(input: string, { workingDirectory, split, configName, onBadRecord }: NamedSource): SingleSourcePlan {
  const base = { transformations: [], onBadRecord };
  const path = resolve(workingDirectory, input);
  const format = formatOfPath(input);
  if (!existsSync(path) && format === null && /^(\w[\w.-]*\/\w[\w.-]*|\w[\w-]*)$/.test(input)) {
    return { type: 'hf', repoId: input, configName: configName ?? null, splits: [split ?? 'train'], streaming: true, tokenVariable: null, ...base };
  }
  if (split !== undefined || configName !== undefined) throw usage(`${input} is a file, which has no splits`, 'Leave out --split and --config-name.');
  if (format === null) throw usage(`cannot tell the format of the input ${input}`, 'End its name in one of .json, .jsonl, .ndjson, .csv, .parquet, or name a dataset on the Hugging Face Hub.');
  if (!existsSync(path)) throw new SyngraphError({ code: 'SOURCE_NOT_FOUND', message: `the file ${path} does not exist`, nextStep: 'Name a file, or a dataset on the Hugging Face Hub as owner/name.' });
  return { type: 'disk', path, format, encoding: 'utf-8', ...base };
}

function usage(message: string, nextStep: string): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message, nextStep });
}
