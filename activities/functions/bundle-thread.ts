import { Worker } from 'node:worker_threads';

import type { FunctionOutcome } from './function-host.ts';
import type { PendingCall, UserOutput } from './pending-call.ts';
import type { MemberEnd, MemberEvents, PoolMember } from './pool-member.ts';
import { threadEntry } from './thread-entry.ts';
import { countedTime, Slot, SLOT_COUNT } from './thread-protocol.ts';
import type { CallGroup, OutcomeEntry, ThreadData, ThreadMessage } from './thread-protocol.ts';
import { describeUserFailure } from './user-failure.ts';

const LOAD_MILLISECONDS = 60_000;

export interface BundleThreadOptions extends MemberEvents {
  bundlePath: string;
  memoryMegabytes: number;
  onOutput: (output: UserOutput) => void;
}

/** The host's end of one worker thread that has loaded one bundle. */
export class BundleThread implements PoolMember {
  readonly #options: BundleThreadOptions;
  readonly #worker: Worker;
  readonly #state = new Int32Array(new SharedArrayBuffer(SLOT_COUNT * Int32Array.BYTES_PER_ELEMENT));
  readonly #inFlight = new Map<number, PendingCall>();
  #lastNumber = 0;
  #charactersInFlight = 0;
  /** What the last look found; the same again and again means that something blocks the thread. */
  #seen = '';
  #unchangedMilliseconds = 0;
  #cause: Pick<MemberEnd, 'cause' | 'reason' | 'stack'> | null = null;

  constructor(options: BundleThreadOptions) {
    this.#options = options;
    const workerData: ThreadData = { bundlePath: options.bundlePath, slots: this.#state.buffer };
    this.#worker = new Worker(threadEntry(), {
      workerData,
      // The entry needs no loader, and one that the worker was started with would slow each thread's start.
      execArgv: [],
      // What user code prints must not get between the lines of our own standard output.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMegabytes },
    });
    this.#worker.unref();
    this.#worker.on('message', (message: ThreadMessage) => {
      this.#receive(message);
    });
    this.#worker.on('error', (error) => {
      this.#cause ??= crashCause(error, options.memoryMegabytes);
    });
    this.#worker.on('exit', (exitCode) => {
      this.#end(exitCode);
    });
    this.#forward('stdout');
    this.#forward('stderr');
  }

  get callsInFlight(): number {
    return this.#inFlight.size;
  }

  get charactersInFlight(): number {
    return this.#charactersInFlight;
  }

  get callsEver(): number {
    return this.#lastNumber;
  }

  get isBacklogged(): boolean {
    return Atomics.load(this.#state, Slot.begun) < this.#lastNumber;
  }

  dispatch(calls: PendingCall[]): void {
    if (this.#inFlight.size === 0) this.#worker.ref();
    const groups: CallGroup[] = [];
    for (const sameCalls of runsOfSameCall(calls)) {
      const [first] = sameCalls;
      if (first === undefined) continue;
      groups.push({
        function: first.call.function,
        method: first.call.method ?? null,
        timeLimitMilliseconds: first.timeLimitMilliseconds,
        firstNumber: this.#lastNumber + 1,
        argumentLists: `[${sameCalls.map(({ argumentsJson }) => argumentsJson).join(',')}]`,
      });
      for (const pending of sameCalls) {
        this.#inFlight.set(++this.#lastNumber, pending);
        this.#charactersInFlight += pending.argumentsJson.length;
      }
    }
    this.#worker.postMessage(groups);
  }

  watch(elapsedMilliseconds: number): void {
    const current = Atomics.load(this.#state, Slot.current);
    const loading = Atomics.load(this.#state, Slot.loaded) === 0;
    const waiting = Atomics.load(this.#state, Slot.waiting) > 0;
    const seen = [loading, waiting, current, Atomics.load(this.#state, Slot.beat)].join();
    const unchanged = (loading || waiting || current !== 0) && seen === this.#seen;
    this.#seen = seen;
    this.#unchangedMilliseconds = unchanged ? this.#unchangedMilliseconds + countedTime(elapsedMilliseconds) : 0;
    if (this.#cause !== null || this.#unchangedMilliseconds < this.#timeLimit(loading, current)) return;
    const seconds = this.#timeLimit(loading, current) / 1000;
    this.#cause = loading
      ? { cause: 'load-failed', reason: `it is not loaded after ${seconds} s` }
      : { cause: 'timed-out', reason: `did not answer within ${seconds} s` };
    void this.#worker.terminate();
  }

  async stop(): Promise<void> {
    this.#cause ??= { cause: 'stopped', reason: 'was stopped' };
    await this.#worker.terminate();
  }

  #timeLimit(loading: boolean, current: number): number {
    if (loading) return LOAD_MILLISECONDS;
    const running = this.#inFlight.get(current);
    if (running !== undefined) return running.timeLimitMilliseconds;
    return Math.max(0, ...[...this.#inFlight.values()].map(({ timeLimitMilliseconds }) => timeLimitMilliseconds));
  }

  #receive(message: ThreadMessage): void {
    if (message.kind === 'load-failed') {
      const { message: reason, stack } = message.failure;
      this.#cause ??= { cause: 'load-failed', reason, ...(stack === undefined ? {} : { stack }) };
      void this.#worker.terminate();
      return;
    }
    for (const entry of JSON.parse(message.outcomes) as OutcomeEntry[]) {
      const pending = this.#inFlight.get(entry[0]);
      if (pending === undefined) continue;
      this.#inFlight.delete(entry[0]);
      this.#charactersInFlight -= pending.argumentsJson.length;
      pending.settle(toOutcome(entry));
    }
    if (this.#inFlight.size === 0) this.#worker.unref();
    this.#options.onSettled(this);
  }

  #end(exitCode: number): void {
    const loaded = Atomics.load(this.#state, Slot.loaded) === 1;
    const cause = this.#cause ?? { cause: 'crashed' as const, reason: `ended its thread with exit code ${exitCode}` };
    const lastBegun = Atomics.load(this.#state, Slot.begun);
    const unsettled = [...this.#inFlight];
    this.#inFlight.clear();
    this.#options.onEnd(this, {
      ...cause,
      cause: cause.cause === 'crashed' && !loaded ? 'load-failed' : cause.cause,
      current: new Map(unsettled).get(Atomics.load(this.#state, Slot.current)) ?? null,
      begun: unsettled.filter(([number]) => number <= lastBegun).map(([, pending]) => pending),
      notBegun: unsettled.filter(([number]) => number > lastBegun).map(([, pending]) => pending),
    });
  }

  #forward(stream: 'stdout' | 'stderr'): void {
    const { bundlePath, onOutput } = this.#options;
    this.#worker[stream].setEncoding('utf8').on('data', (text: string) => {
      onOutput({ stream, text, bundlePath });
    });
  }
}

function toOutcome(entry: OutcomeEntry): FunctionOutcome {
  return entry[1] === 1 ? { ok: true, value: entry[2] as never } : { ok: false, ...entry[2] };
}

function crashCause(error: unknown, memoryMegabytes: number): Pick<MemberEnd, 'cause' | 'reason' | 'stack'> {
  if ((error as { code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return { cause: 'crashed', reason: `used more memory than the ${memoryMegabytes} MB that a function may have` };
  }
  const { message, stack } = describeUserFailure(error);
  return {
    cause: 'crashed',
    reason: `raised an error that nothing caught, outside of what it awaits: ${message}`,
    ...(stack === undefined ? {} : { stack }),
  };
}

function runsOfSameCall(calls: PendingCall[]): PendingCall[][] {
  const runs: PendingCall[][] = [];
  let previous: PendingCall | undefined;
  for (const pending of calls) {
    if (previous !== undefined && isSameCall(previous, pending)) runs.at(-1)?.push(pending);
    else runs.push([pending]);
    previous = pending;
  }
  return runs;
}

function isSameCall(first: PendingCall, second: PendingCall): boolean {
  return (
    first.call.function === second.call.function &&
    first.call.method === second.call.method &&
    first.timeLimitMilliseconds === second.timeLimitMilliseconds
  );
}
