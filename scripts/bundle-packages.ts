import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const standIn = (name: string): string => fileURLToPath(new URL(`./bundled/${name}.ts`, import.meta.url));

/** A change to one file of a package. The build fails when `from` is not in it, as after an update of the package. */
interface Change {
  file: RegExp;
  from: string | RegExp;
  to: string;
}

const CHANGES: Change[] = [
  {
    file: /@temporalio\/worker\/lib\/workflow\/threaded-vm\.js$/,
    from: "new node_worker_threads_1.Worker(require.resolve('./workflow-worker-thread'))",
    to: `require(${JSON.stringify(join(root, 'worker', 'workflow-thread.ts'))}).takeWorkflowThread()`,
  },
  { file: /@temporalio\/core-bridge\/common\.js$/, from: '__dirname', to: `require(${JSON.stringify(standIn('core-bridge-folder'))}).coreBridgeFolder()` },
];

/** Has the packages that Temporal's worker is made of run from a bundle, where no file lies beside another. */
export const bundledPackages: Plugin = {
  name: 'bundled-packages',
  setup(build) {
    build.onResolve({ filter: /\/bundler$/ }, ({ importer }) => (importer.includes('@temporalio/worker/lib/') ? { path: standIn('workflow-bundler') } : undefined));
    // A CommonJS package that is imported dynamically would have nothing but a default export once bundled.
    build.onResolve({ filter: /^@temporalio\/[a-z]+$/ }, ({ path, kind }) => (kind === 'dynamic-import' ? { path, namespace: 'named-exports' } : undefined));
    build.onLoad({ filter: /.*/, namespace: 'named-exports' }, async ({ path }) => {
      const names = Object.keys((await import(path)) as object).filter((name) => /^[A-Za-z]\w*$/.test(name) && name !== 'default');
      return { contents: `export { ${names.join(', ')} } from ${JSON.stringify(path)};`, resolveDir: root };
    });
    for (const { file, from, to } of CHANGES) {
      build.onLoad({ filter: file }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (text.replace(from, to) === text) throw new Error(`${path} no longer has ${String(from)}; mend scripts/bundle-packages.ts`);
        return { contents: text.replace(from, to) };
      });
    }
    // 1.4 MB of reflection: as JSON it is parsed in half the time that V8 takes for an object literal.
    build.onLoad({ filter: /@temporalio\/proto\/protos\/json-module\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const [begin, end] = [text.indexOf('.addJSON(') + '.addJSON('.length, text.lastIndexOf('});') + 1];
      const json = JSON.stringify(JSON.parse(text.slice(begin, end)));
      return { contents: `${text.slice(0, begin)}JSON.parse(${JSON.stringify(json)})${text.slice(end)}` };
    });
    build.onLoad({ filter: /source-map\/lib\/read-wasm\.js$/ }, async ({ path }) => {
      const wasm = (await readFile(join(dirname(path), 'mappings.wasm'))).toString('base64');
      return { contents: `module.exports = () => Promise.resolve(new Uint8Array(Buffer.from(${JSON.stringify(wasm)}, 'base64')).buffer);` };
    });
  },
};
