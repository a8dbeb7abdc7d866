import { plannedKind, makeCallTarget } from './call-target.ts';
import type { CallTarget, TargetOptions } from './call-target.ts';
import { crossingJson } from './crossing-value.ts';
import { describeSchema } from './describe-schema.ts';
import { describeTools, makeToolTarget } from './task-tools.ts';
import { CALL_TOOL_METHOD, countedTime, DESCRIBE_TOOLS_METHOD, JSON_SCHEMA_METHOD, KINDS_REFERENCE, Slot, timeOutMessage, WATCH_INTERVAL } from './thread-protocol.ts';
import type { CallFailure, CallGroup, ThreadMessage } from './thread-protocol.ts';
import { describeUserFailure } from './user-failure.ts';

/** Outcomes wait at most this long for company. */
const FLUSH_MILLISECONDS = 5;
const FLUSH_CHARACTERS = 1024 * 1024;

export interface CallRunnerOptions {
  functions: Record<string, unknown>;
  state: Int32Array;
  post: (message: ThreadMessage) => void;
}

interface WaitingCall {
  group: CallGroup;
  milliseconds: number;
}

/** Runs calls inside a function thread and tells the host through shared memory which one is at work. */
export class CallRunner {
  readonly #functions: Record<string, unknown>;
  readonly #state: Int32Array;
  readonly #post: (message: ThreadMessage) => void;
  readonly #targets = new Map<string, CallTarget>();
  readonly #waiting = new Map<number, WaitingCall>();
  #outcomes: string[] = [];
  #outcomeCharacters = 0;
  #lastFlush = performance.now();
  #flushPlanned = false;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: CallRunnerOptions) {
    this.#functions = options.functions;
    this.#state = options.state;
    this.#post = options.post;
  }

  run(groups: CallGroup[]): void {
    for (const group of groups) {
      const argumentLists = JSON.parse(group.argumentLists) as unknown[][];
      argumentLists.forEach((argumentList, index) => {
        this.#begin(group, group.firstNumber + index, argumentList);
        if (performance.now() - this.#lastFlush > FLUSH_MILLISECONDS) this.#flush();
      });
    }
    this.#flush();
  }

  #begin(group: CallGroup, number: number, argumentList: unknown[]): void {
    Atomics.store(this.#state, Slot.begun, number);
    Atomics.store(this.#state, Slot.current, number);
    try {
      const answer = this.#target(group)(argumentList);
      if (isPromiseLike(answer)) this.#wait(group, number, answer);
      else this.#settle(`[${number},1,${crossingJson(answer)}]`);
    } catch (error) {
      this.#fail(number, { code: 'FUNCTION_FAILED', ...describeUserFailure(error) });
    } finally {
      Atomics.store(this.#state, Slot.current, 0);
    }
  }

  #target(group: CallGroup): CallTarget {
    if (group.function === KINDS_REFERENCE) return () => mapKinds(this.#functions);
    const key = JSON.stringify([group.function, group.method]);
    let target = this.#targets.get(key);
    if (target === undefined) {
      const exported = Object.hasOwn(this.#functions, group.function) ? this.#functions[group.function] : undefined;
      target = targetOf({ reference: group.function, exported, method: group.method });
      this.#targets.set(key, target);
    }
    return target;
  }

  #wait(group: CallGroup, number: number, answer: PromiseLike<unknown>): void {
    this.#waiting.set(number, { group, milliseconds: 0 });
    Atomics.store(this.#state, Slot.waiting, this.#waiting.size);
    this.#watch ??= this.#startWatch();
    Promise.resolve(answer).then(
      (value) => {
        this.#finishWaiting(number, () => {
          this.#settle(`[${number},1,${crossingJson(value)}]`);
        });
      },
      (error: unknown) => {
        this.#finishWaiting(number, () => {
          this.#fail(number, { code: 'FUNCTION_FAILED', ...describeUserFailure(error) });
        });
      },
    );
  }

  /** Does nothing for a call that has exceeded its time limit before. */
  #finishWaiting(number: number, settle: () => void): void {
    if (!this.#forget(number)) return;
    Atomics.store(this.#state, Slot.current, number);
    try {
      settle();
    } catch (error) {
      this.#fail(number, { code: 'FUNCTION_FAILED', ...describeUserFailure(error) });
    } finally {
      Atomics.store(this.#state, Slot.current, 0);
      this.#planFlush();
    }
  }

  #forget(number: number): boolean {
    const waited = this.#waiting.delete(number);
    Atomics.store(this.#state, Slot.waiting, this.#waiting.size);
    if (this.#waiting.size === 0 && this.#watch !== null) {
      clearInterval(this.#watch);
      this.#watch = null;
    }
    return waited;
  }

  #startWatch(): NodeJS.Timeout {
    let last = performance.now();
    return setInterval(() => {
      Atomics.add(this.#state, Slot.beat, 1);
      const now = performance.now();
      const passed = countedTime(now - last);
      last = now;
      for (const [number, call] of this.#waiting) this.#grow(number, call, passed);
    }, WATCH_INTERVAL);
  }

  #grow(number: number, call: WaitingCall, passed: number): void {
    call.milliseconds += passed;
    if (call.milliseconds < call.group.timeLimitMilliseconds) return;
    this.#forget(number);
    this.#fail(number, { code: 'FUNCTION_TIMED_OUT', message: timeOutMessage(call.group) });
    this.#planFlush();
  }

  #fail(number: number, failure: CallFailure): void {
    this.#settle(`[${number},0,${JSON.stringify(failure)}]`);
  }

  #settle(outcome: string): void {
    this.#outcomes.push(outcome);
    this.#outcomeCharacters += outcome.length;
    if (this.#outcomeCharacters > FLUSH_CHARACTERS) this.#flush();
  }

  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    setImmediate(() => {
      this.#flushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    this.#lastFlush = performance.now();
    if (this.#outcomes.length === 0) return;
    this.#post({ kind: 'outcomes', outcomes: `[${this.#outcomes.join(',')}]` });
    this.#outcomes = [];
    this.#outcomeCharacters = 0;
  }
}

function targetOf(options: TargetOptions): CallTarget {
  const { reference, exported, method } = options;
  if (method === JSON_SCHEMA_METHOD) return () => describeSchema(exported);
  if (method === DESCRIBE_TOOLS_METHOD) return () => describeTools(reference, exported);
  return method === CALL_TOOL_METHOD ? makeToolTarget(reference, exported) : makeCallTarget(options);
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function mapKinds(functions: Record<string, unknown>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(functions).map(([reference, exported]) => [reference, plannedKind(exported)]),
  );
}
