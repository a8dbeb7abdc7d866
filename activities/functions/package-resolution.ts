import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Plugin } from 'esbuild';

const OWN_FOLDER = dirname(fileURLToPath(import.meta.url));

/** Task folders need no package.json: a schema's `import { z } from 'zod'` falls back to the zod that we ship. */
export const zodFallback: Plugin = {
  name: 'zod-fallback',
  setup(build) {
    build.onResolve({ filter: /^zod(\/|$)/ }, async ({ path, pluginData, ...place }) => {
      if (pluginData === zodFallback) return undefined;
      const { importer, namespace, resolveDir, kind } = place;
      const own = await build.resolve(path, { importer, namespace, resolveDir, kind, pluginData: zodFallback });
      if (own.errors.length === 0) return own;
      return build.resolve(path, { importer, namespace, resolveDir: OWN_FOLDER, kind, pluginData: zodFallback });
    });
  },
};

/** `syngraph` gives user code types, which vanish here. A value that is imported from it is reported as missing. */
export const typesOnlySyngraph: Plugin = {
  name: 'types-only-syngraph',
  setup(build) {
    build.onResolve({ filter: /^syngraph$/ }, ({ path }) => ({ path, namespace: 'types-only', sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: 'types-only' }, () => ({ contents: 'export {};' }));
  },
};

/** Built, or in the sources. */
function ownFile(name: string): string {
  const [first = '', ...others] = [`./${name}.js`, `../${name}.js`, `../../${name}/index.ts`].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return [first, ...others].find((path) => existsSync(path)) ?? first;
}

/** `syngraph/formats` and `syngraph/quality` are code, which is bundled from here, so that a task needs no package of ours beside it. */
export const ownCode: Plugin = {
  name: 'own-code',
  setup(build) {
    build.onResolve({ filter: /^syngraph\/(?:formats|quality)$/ }, ({ path }) => ({ path: ownFile(path.slice('syngraph/'.length)) }));
  },
};

const EMPTY_SOURCE_MAP = Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString('base64');

/** Maps each file of a package to its first line only: the whole source map of zod is nearly as large as its code. */
export const unmappedPackages: Plugin = {
  name: 'unmapped-packages',
  setup(build) {
    build.onLoad({ filter: /[/\\]node_modules[/\\].*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${EMPTY_SOURCE_MAP}`,
      loader: 'js',
    }));
  },
};
