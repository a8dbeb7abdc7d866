import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** `from`: url of the module beside which the thread's source lies. Absent: this folder. */
export interface ThreadOptions extends WorkerOptions {
  from?: string;
}

/**
 * Starts a thread by its file name without extension. Built code finds it in `dist/`, beside or
 * above the chunk that this file is part of.
 */
export function startThread(name: string, { from = import.meta.url, ...options }: ThreadOptions): Worker {
  const source = new URL(`./${name}.ts`, from);
  if (existsSync(fileURLToPath(source))) {
    // Threads do not inherit the TypeScript loader of the tests and of `npm run` on Node 20.
    // The loader is named by its place, as such code resolves names from the working directory.
    const start = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => { register(); return import(${JSON.stringify(source.href)}); });`;
    return new Worker(start, { ...options, eval: true });
  }
  const file = `${basename(name)}.js`;
  const built = [`./${file}`, `../${file}`].map((path) => new URL(path, import.meta.url));
  const found = built.find((url) => existsSync(fileURLToPath(url)));
  if (found === undefined)
    throw new Error(`the thread ${file} is missing from the build; looked in ${built.map(String).join(' and ')}`);
  return new Worker(found, options);
}
