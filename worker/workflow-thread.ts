import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

let preloaded: Worker | undefined;

/**
 * Starts the thread that the next Temporal worker of this process runs its workflows in: loading
 * its code takes 0.3 s, which can pass while a server boots. Sources leave that to Temporal.
 */
export function preloadWorkflowThread(): void {
  if (builtThread() !== undefined) preloaded ??= startWorkflowThread();
}

/** Called by Temporal's worker in built code, where scripts/bundle-packages.ts puts this in place of its own start. */
export function takeWorkflowThread(): Worker {
  const taken = preloaded ?? startWorkflowThread();
  preloaded = undefined;
  return taken;
}

function startWorkflowThread(): Worker {
  const path = builtThread();
  if (path === undefined) throw new Error(`the workflow thread is missing from the build; it should be beside or above ${import.meta.url}`);
  return new Worker(path);
}

/** `dist/workflow-thread.js`, beside or above the chunk that this file went into. */
function builtThread(): string | undefined {
  return ['./workflow-thread.js', '../workflow-thread.js'].map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path));
}
