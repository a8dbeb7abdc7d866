import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundleOption, WorkflowBundlePath } from '@temporalio/worker';
import { packageRoot } from '../activities/package-root.ts';

/**
 * The workflow code as workers load it. Built code uses the bundle that `npm run build` made
 * beside it; sources under tsx make one, which is kept by the hash of what went into it.
 */
export async function workflowBundle(): Promise<WorkflowBundlePath> {
  const here = dirname(fileURLToPath(import.meta.url));
  const built = join(packageRoot(), 'dist', 'workflow-bundle.js');
  if (here === join(packageRoot(), 'dist') || basename(here) === 'chunks') return { codePath: built };
  const codePath = join(packageRoot(), 'node_modules', '.cache', 'syngraph', `workflow-bundle-${await sourceHash()}.js`);
  if (!existsSync(codePath)) await writeWorkflowBundle(codePath);
  return { codePath };
}

/** The same for a worker with encryption keys: what workflows throw is encoded, so that the codec encrypts it. See workflows/failure-converter.ts. */
export async function encryptingWorkflowBundle(): Promise<WorkflowBundleOption> {
  const { codePath } = await workflowBundle();
  const readable = await readFile(codePath, 'utf8');
  const code = readable.replaceAll('failures-are-readable', 'failures-are-encoded');
  if (code === readable) throw new Error(`${codePath} does not have workflows/failure-converter.ts; build again`);
  return { code };
}

/** Bundles workflows/ into one file, which appears whole or not at all. Takes seconds. */
export async function writeWorkflowBundle(target: string): Promise<void> {
  // Loaded here only: webpack and swc are heavy, and a built Syngraph never needs them.
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(packageRoot(), 'workflows', 'index.ts'),
    failureConverterPath: join(packageRoot(), 'workflows', 'failure-converter.ts'),
    logger: new DefaultLogger('ERROR'),
    // Otherwise stack traces and the bundle itself would carry this machine's folders.
    webpackConfigHook: (config) => ({ ...config, devtool: 'inline-nosources-source-map', output: { ...config.output, devtoolModuleFilenameTemplate: '[resource-path]' } }),
  });
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${randomUUID()}`;
  await writeFile(temporary, code);
  await rename(temporary, target);
}

/** Over everything that workflows may import: their own folder, pipeline/, and the locked packages. */
async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['workflows', 'pipeline']) {
    const names = (await readdir(join(packageRoot(), folder), { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
    for (const name of names) hash.update(`${folder}/${name}\n`).update(await readFile(join(packageRoot(), folder, name)));
  }
  const lock = join(packageRoot(), 'package-lock.json');
  if (existsSync(lock)) hash.update(await readFile(lock));
  return hash.digest('hex').slice(0, 20);
}
