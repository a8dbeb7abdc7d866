import type { JsonValue } from '../../pipeline/json.ts';
import type { FunctionReference } from '../../pipeline/plan.ts';

/**
 * Calls the task's own code. It runs in worker threads, so that an endless loop or a full heap in
 * it ends a thread and fails one record, not the worker.
 */
export interface FunctionHost {
  /**
   * Calls one function once per argument list and settles every call: a function that throws,
   * exceeds its time limit or kills its thread rejects its own call alone.
   */
  callEach(call: FunctionCall, argumentLists: JsonValue[][]): Promise<FunctionOutcome[]>;
  close(): Promise<void>;
}

export interface FunctionCall {
  /** Absolute path of the plan's bundle. */
  bundlePath: string;
  /** Where functions of `.py` files are run from. */
  python?: PythonCode;
  /** Seeds `random` in Python, together with the function and its arguments. */
  seed?: string | number;
  function: FunctionReference;
  /**
   * Method to call when the export is a class: it is constructed once per thread, without
   * arguments. Default `apply`; a plain function is called as it is. `parse` on a zod schema.
   */
  method?: string;
  /** Default 60,000. Time that one call may take. */
  timeLimitMilliseconds?: number;
}

/** The plan's Python code, as a worker has it. */
export interface PythonCode {
  /** Absolute path of the archive of its modules. */
  path: string;
  /** The working directory of helpers: that of planning. Where it is absent, the archive's. */
  folder: string;
}

export type FunctionOutcome =
  | { ok: true; value: JsonValue }
  /** `message` is the user's own, with the position in their file where it is known. */
  | { ok: false; code: 'FUNCTION_FAILED' | 'FUNCTION_TIMED_OUT' | 'FUNCTION_CRASHED'; message: string; stack?: string };
