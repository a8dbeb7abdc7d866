import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Runs in `dist/`. Files that bundled packages look for beside themselves, which a bundle has left
 * behind: the plugin in command-build.ts has their code ask here.
 */

/** What Temporal's worker starts as the thread of its workflows. */
export function workflowThread(): string {
  const beside = ['./workflow-thread.js', '../workflow-thread.js'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = beside.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`the workflow thread is missing from the build; looked in ${beside.join(' and ')}`);
  return found;
}

/** Temporal's native library comes from its package, which we reach through its own dependent: package managers need not hoist it. */
export function coreBridgeFolder(): string {
  const worker = createRequire(import.meta.url).resolve('@temporalio/worker/package.json');
  return dirname(createRequire(join(worker, '..', 'lib', 'index.js')).resolve('@temporalio/core-bridge/package.json'));
}
