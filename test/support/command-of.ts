import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** What a build is made of, beside its packages. */
const SOURCES = ['activities', 'analysis', 'cli', 'fake-model', 'formats', 'pipeline', 'python', 'quality', 'recipes', 'worker', 'workflows', 'package-lock.json'];

/**
 * The words that start the command: the built one, as `npm ci` leaves it, where no source is newer.
 * It starts three times as fast as the sources, which are taken while somebody works on them.
 */
export function commandOf(): string[] {
  return isBuilt() ? [join(ROOT, 'dist', 'cli.js')] : throughLoader(join(ROOT, 'cli', 'main.ts'));
}

/** Starts a TypeScript file, from any working directory. */
export function throughLoader(file: string): string[] {
  return ['--import', join(ROOT, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs'), file];
}

let known: boolean | null = null;

function isBuilt(): boolean {
  return (known ??= builtAt() > Math.max(...SOURCES.map((name) => changedAt(join(ROOT, name)))));
}

function builtAt(): number {
  return statSync(join(ROOT, 'dist', 'build-stamp'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Of a file, or of the latest one in a folder. */
function changedAt(path: string): number {
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  const inside = readdirSync(path, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile() && !entry.name.endsWith('.pyc'));
  return inside.reduce((latest, { parentPath, name }) => Math.max(latest, statSync(join(parentPath, name)).mtimeMs), 0);
}
