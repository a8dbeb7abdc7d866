import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/**
 * The environment with the variables of `.env` in a folder; variables that exist already win. The
 * answer follows changes of the file, so that a worker that is kept running sees a mended key.
 */
export function createEnvironment(folder: string, given: NodeJS.ProcessEnv): () => NodeJS.ProcessEnv {
  const file = join(folder, '.env');
  // Ours is a copy: what is added to the process's own later must not win over a changed file.
  const own = { ...given };
  let changed: number | null | undefined;
  let current = own;
  return () => {
    const modified = modifiedAt(file);
    if (modified !== changed) {
      changed = modified;
      current = modified === null ? own : { ...parseEnv(readFileSync(file, 'utf8')), ...own };
    }
    return current;
  };
}

/** null where there is no such file; a folder of this name, which may be a virtual environment of Python, is none. */
function modifiedAt(file: string): number | null {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.mtimeMs : null;
}
