import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';

import { SyngraphError } from '../../pipeline/errors.ts';

/** Once built, the entry lies beside the chunk that this file went into, or above it. */
const BUILT = ['./function-thread.js', '../function-thread.js'];
const SOURCE = './function-thread.ts';

let entry: URL | null = null;

/** Where a function thread begins. From sources it is bundled on the spot: threads do not inherit a loader for TypeScript. */
export function threadEntry(): URL {
  entry ??= BUILT.map(beside).find(isFile) ?? bundledSource();
  return entry;
}

function bundledSource(): URL {
  const source = beside(SOURCE);
  if (!isFile(source)) {
    throw new SyngraphError({
      code: 'INTERNAL',
      message: `The entry of function threads is missing: there is none of ${[...BUILT, SOURCE].join(', ')} beside ${import.meta.url}`,
      nextStep: 'Install syngraph again, or build it anew.',
    });
  }
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return new URL(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')}`);
}

function beside(path: string): URL {
  return new URL(path, import.meta.url);
}

function isFile(url: URL): boolean {
  return existsSync(fileURLToPath(url));
}
