import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../../activities/cache/cache-folder.ts';
import { withFileLock } from '../../activities/cache/file-lock.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { downloadTemporalCli } from './download-temporal-cli.ts';
import { TEMPORAL_CLI_VERSION } from './temporal-cli-release.ts';

export interface FindCliOptions {
  environment: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
}

/**
 * Path of a `temporal` binary: SYNGRAPH_TEMPORAL_CLI, else PATH, else the cache, else downloaded
 * into the cache. Processes that need it at once download it once.
 */
export async function findTemporalCli(options: FindCliOptions): Promise<string> {
  const { environment } = options;
  const named = environment.SYNGRAPH_TEMPORAL_CLI;
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return named;
    throw new SyngraphError({
      code: 'SERVER_UNAVAILABLE',
      message: `SYNGRAPH_TEMPORAL_CLI names ${named}, which is not an executable file`,
      nextStep: 'Correct the variable, or unset it to have the Temporal CLI found or downloaded.',
    });
  }
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'temporal');
    if (folder !== '' && (await isExecutable(candidate))) return candidate;
  }
  const target = join(cacheFolder(environment), `temporal-${TEMPORAL_CLI_VERSION}`, 'temporal');
  if (await isExecutable(target)) return target;
  await withFileLock(`${join(cacheFolder(environment), 'temporal-cli')}.lock`, async () => {
    if (!(await isExecutable(target))) await downloadTemporalCli({ ...options, target });
  });
  return target;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
