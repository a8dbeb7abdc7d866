import type { Plan } from '../../pipeline/plan.ts';
import type { PythonCode } from '../functions/function-host.ts';
import type { Store } from '../store/store.ts';

/** A plan's code, as files of this machine. */
export interface TaskCode {
  /** Absolute path of the bundle; null: the plan names no function. */
  bundlePath: string | null;
  /** null: no function is in Python. */
  python: PythonCode | null;
}

export function bundleKey(hash: string): string {
  return `bundles/${hash}.mjs`;
}

export function pythonKey(hash: string): string {
  return `bundles/${hash}.python.json`;
}

export async function loadCode(store: Store, plan: Pick<Plan, 'bundle'>): Promise<TaskCode> {
  const { bundle } = plan;
  if (bundle === null) return { bundlePath: null, python: null };
  const { hash, python } = bundle;
  return {
    bundlePath: await store.localPath(bundleKey(hash)),
    python: python === undefined ? null : { path: await store.localPath(pythonKey(python.hash)), folder: python.folder },
  };
}
