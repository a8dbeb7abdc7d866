import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Runs in `dist/`. Temporal's native library stays in its package, which is reached through its own
 * dependent: package managers need not hoist it.
 */
export function coreBridgeFolder(): string {
  const worker = createRequire(import.meta.url).resolve('@temporalio/worker/package.json');
  return dirname(createRequire(join(worker, '..', 'lib', 'index.js')).resolve('@temporalio/core-bridge/package.json'));
}
