import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let found: string | undefined;

/** Folder of the recipes that Syngraph brings along: beside the built files, or at the root of the sources. */
export function recipesFolder(): string {
  const candidates = ['./recipes/', '../recipes/', '../../recipes/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  found ??= candidates.find((path) => existsSync(path)) ?? candidates[0]!;
  return found;
}
