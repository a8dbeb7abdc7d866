/**
 * Builds `dist/`: the command, the public modules, the worker thread of user functions, the fake
 * model server, and the workflow bundle that workers load instead of bundling at start-up.
 * Run by `npm run build`, and with `--if-changed` by `npm ci` in a checkout (`prepare`), which npx
 * runs once more when it links the checkout's own command.
 */
import { chmod, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { packageRoot } from '../worker/package-root.ts';
import { writeWorkflowBundle } from '../worker/workflow-bundle.ts';

const root = packageRoot();
const dist = join(root, 'dist');
/** Built beside and put in place at the end, so that a command that runs meanwhile finds whole files. */
const staging = join(root, 'node_modules', '.cache', 'syngraph', `dist-${process.pid}`);

/** Output to source. All in one build, so that they share their chunks. */
const entries = {
  cli: 'cli/main.ts',
  index: 'worker/index.ts',
  workflows: 'workflows/index.ts',
  activities: 'activities/create-activities.ts',
  'function-thread': 'activities/functions/function-thread.ts',
  'parquet-thread': 'activities/data/parquet-thread.ts',
  'fake-model': 'fake-model/main.ts',
};

/** Small pure-JavaScript packages go into the bundle: one file loads faster than hundreds. */
const bundledPackages = new Set(['commander', 'picocolors', 'yaml', 'zod', 'csv-parse', 'csv-stringify']);

async function main(): Promise<void> {
  const stamp = await sourceStamp();
  if (process.argv.includes('--if-changed') && (await readStamp()) === stamp) return;
  const present = Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(join(root, source))));
  try {
    await Promise.all([
      build(await options(present)),
      existsSync(join(root, 'workflows', 'index.ts')) ? writeWorkflowBundle(join(staging, 'workflow-bundle.js')) : undefined,
    ]);
    if ('cli' in present) await chmod(join(staging, 'cli.js'), 0o755);
    await writeFile(join(staging, 'build-stamp'), stamp);
    await rm(dist, { recursive: true, force: true });
    await rename(staging, dist);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function options(entryPoints: Record<string, string>): Promise<BuildOptions> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  return {
    absWorkingDir: root,
    entryPoints,
    outdir: staging,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    external: Object.keys(manifest.dependencies).filter((name) => !bundledPackages.has(name)),
    // Bundled CommonJS packages ask for Node's modules through require, which ESM lacks.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
  };
}

async function readStamp(): Promise<string | null> {
  return readFile(join(dist, 'build-stamp'), 'utf8').catch(() => null);
}

/** Hash over all that a build is made of. */
async function sourceStamp(): Promise<string> {
  const hash = createHash('sha256');
  const files = ['package.json', 'package-lock.json'].filter((name) => existsSync(join(root, name)));
  for (const folder of ['pipeline', 'workflows', 'activities', 'fake-model', 'worker', 'cli', 'scripts']) {
    if (!existsSync(join(root, folder))) continue;
    const names = await readdir(join(root, folder), { recursive: true });
    files.push(...names.filter((name) => /\.(ts|json|html)$/.test(name)).map((name) => join(folder, name)));
  }
  for (const file of files.sort()) hash.update(`${file}\n`).update(await readFile(join(root, file)));
  return hash.digest('hex');
}

try {
  await main();
} catch (error) {
  // esbuild has already printed its own, with file, line and caret.
  if (!(error instanceof Error && 'errors' in error)) console.error(error);
  process.exitCode = 1;
}
