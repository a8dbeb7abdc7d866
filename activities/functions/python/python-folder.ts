import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { SyngraphError } from '../../../pipeline/errors.ts';

/** Built, the folder lies beside the chunk that this file went into, or above it; in the sources at their root. */
const PLACES = ['./python/', '../python/', '../../../python/'];

/** The Python code of our own: the entries of processes, and what helpers import. Absolute. */
export function pythonFolder(): string {
  const folders = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = folders.find((folder) => existsSync(`${folder}run_calls.py`));
  if (found !== undefined) return found;
  throw new SyngraphError({
    code: 'INTERNAL',
    message: `Syngraph's own Python code is missing: it is in none of ${folders.join(', ')}`,
    nextStep: 'Install syngraph again, or build it anew.',
  });
}
