/**
 * An export of the task's code as the plan's bundle names it, e.g. `task_executor.ts#ShouldLoop`.
 * The bundle's `functions` table maps it to the bundled export.
 */
export type FunctionReference = string;

export interface BundlePlan {
  /** sha256 of the bundled code; the store keeps it as `bundles/<hash>.mjs`. */
  hash: string;
  functions: Record<FunctionReference, FunctionKind>;
  /** Code of `.py` files. Absent: there is none. */
  python?: PythonPlan;
}

export interface PythonPlan {
  /** sha256 of the archive of modules; the store keeps it as `bundles/<hash>.python.json`. */
  hash: string;
  /** Absolute folder where dotted names began when the plan was made: the working directory of helpers, if it is there. */
  folder: string;
}

/** What an export turned out to be when the bundle was made. */
export type FunctionKind = 'function' | 'class' | 'schema' | 'module';
