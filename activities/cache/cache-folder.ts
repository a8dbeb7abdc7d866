import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what was downloaded is kept: `SYNGRAPH_CACHE`, else `$XDG_CACHE_HOME/syngraph`, else `~/.cache/syngraph`. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  if (environment.SYNGRAPH_CACHE) return environment.SYNGRAPH_CACHE;
  return join(environment.XDG_CACHE_HOME || join(environment.HOME ?? homedir(), '.cache'), 'syngraph');
}
