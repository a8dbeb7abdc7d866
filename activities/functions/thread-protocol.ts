import type { FunctionReference } from '../../pipeline/plan.ts';

/** What a function thread is started with. */
export interface ThreadData {
  /** Absolute path of the bundle; a thread loads one and serves no other. */
  bundlePath: string;
  /** Five 32-bit slots, see `Slot`. Readable by the host while user code blocks the thread. */
  slots: SharedArrayBuffer;
}

export const Slot = {
  /** Number of the call whose code is running right now; 0: none. */
  current: 0,
  /** Highest number of a call that was begun. */
  begun: 1,
  /** Calls that have answered with a promise which is not settled. */
  waiting: 2,
  /** Rises every few milliseconds while calls wait: it stops when one of them blocks the thread. */
  beat: 3,
  /** 1 once the bundle is loaded. */
  loaded: 4,
} as const;
export const SLOT_COUNT = 5;

/**
 * Called like a function of the bundle, without arguments, it answers with a table from every
 * reference to its FunctionKind, or null where the export cannot be called.
 */
export const KINDS_REFERENCE: FunctionReference = '#kinds';

/** Method of any reference: without arguments, it answers with the `ToolDescription` of each tool that the export is or holds. */
export const DESCRIBE_TOOLS_METHOD = '#tools';

/** Method of any reference: called with a tool's name, its arguments and a `ToolContext`, it answers with the tool's result. */
export const CALL_TOOL_METHOD = '#tool';

/** Method of any reference: without arguments, it answers with the JSON schema that the export is or can be told as, or null. */
export const JSON_SCHEMA_METHOD = '#json-schema';

/** Method of a reference of Python code: answers with its FunctionKind, or null where it cannot be called. */
export const KIND_METHOD = '#kind';

/** Milliseconds between two looks at what is running, on both sides. */
export const WATCH_INTERVAL = 50;

/** To the thread: calls of one function, numbered from `firstNumber`. Text, as parsing it is cheaper than a structured clone. */
export interface CallGroup {
  function: FunctionReference;
  method: string | null;
  timeLimitMilliseconds: number;
  firstNumber: number;
  /** JSON of one argument list per call. */
  argumentLists: string;
}

/** From the thread. `outcomes` is JSON of `OutcomeEntry[]`. */
export type ThreadMessage = { kind: 'outcomes'; outcomes: string } | { kind: 'load-failed'; failure: UserFailure };

export type OutcomeEntry = [number: number, ok: 1, value: unknown] | [number: number, ok: 0, failure: CallFailure];

export interface UserFailure {
  message: string;
  stack?: string;
}

export interface CallFailure extends UserFailure {
  code: 'FUNCTION_FAILED' | 'FUNCTION_TIMED_OUT';
}

export function timeOutMessage(call: { function: FunctionReference; timeLimitMilliseconds: number }): string {
  return `${call.function} did not answer within ${call.timeLimitMilliseconds / 1000} s`;
}

/**
 * Milliseconds since the last look. A look that comes far too late means that the whole process
 * stood still (a suspended laptop, SIGSTOP), which must not be held against a function.
 */
export function countedTime(elapsedMilliseconds: number): number {
  return Math.min(elapsedMilliseconds, 2 * WATCH_INTERVAL);
}
