import type { FunctionOutcome } from './function-host.ts';
import type { PendingCall } from './pending-call.ts';
import type { MemberEnd, MemberEvents, PoolMember } from './pool-member.ts';
import { WATCH_INTERVAL } from './thread-protocol.ts';

const CALLS_IN_A_MESSAGE = 100;
const CHARACTERS_IN_A_MESSAGE = 4 * 1024 * 1024;
const CALLS_IN_A_THREAD = 2_048;
const CHARACTERS_IN_A_THREAD = 32 * 1024 * 1024;
/** Deaths in a row of threads that were running no call, before the code itself is blamed. */
const UNEXPLAINED_DEATHS = 3;

export interface BundlePoolOptions {
  /** Members at most. */
  members: number;
  idleMilliseconds: number;
  start: (events: MemberEvents) => PoolMember;
}

/**
 * The threads of one bundle, or the processes of a task's Python code. When a thread dies by itself, the calls that it had begun are suspects:
 * they are run again in smaller and smaller groups, and the one that kills a fresh thread in which
 * it was alone has failed. All others succeed as if nothing had happened.
 */
export class BundlePool {
  readonly #options: BundlePoolOptions;
  readonly #threads = new Set<PoolMember>();
  readonly #quarantined = new Set<PoolMember>();
  #queue: PendingCall[] = [];
  #suspects: PendingCall[][] = [];
  #unexplainedDeaths = 0;
  #closedBy: Error | null = null;
  #pumpPlanned = false;
  #watch: NodeJS.Timeout | null = null;
  #idle: NodeJS.Timeout | null = null;

  constructor(options: BundlePoolOptions) {
    this.#options = options;
  }

  /** Calls that are added in one turn of the event loop travel together. */
  add(calls: PendingCall[]): void {
    for (const pending of calls) this.#queue.push(pending);
    this.#startWatch();
    if (this.#pumpPlanned) return;
    this.#pumpPlanned = true;
    setImmediate(() => {
      this.#pumpPlanned = false;
      this.#pump();
    });
  }

  /** Calls that are not settled are abandoned with the error. */
  async close(error: Error): Promise<void> {
    this.#closedBy = error;
    this.#stopTimers();
    for (const pending of this.#takeWaiting()) pending.abandon(error);
    await Promise.all([...this.#threads].map((thread) => thread.stop()));
  }

  #pump(): void {
    this.#pumpSuspects();
    while (this.#queue.length > 0) {
      const thread = this.#threadWithRoom();
      if (thread === null) return;
      thread.dispatch(this.#takeMessage());
    }
  }

  #pumpSuspects(): void {
    let group = this.#suspects[0];
    while (group !== undefined) {
      const thread = this.#idleThread(group.length === 1);
      if (thread === null) return;
      this.#quarantined.add(thread);
      thread.dispatch(group);
      this.#suspects.shift();
      group = this.#suspects[0];
    }
  }

  #takeMessage(): PendingCall[] {
    let count = 0;
    let characters = 0;
    for (const { argumentsJson } of this.#queue) {
      characters += argumentsJson.length;
      if (count > 0 && (count === CALLS_IN_A_MESSAGE || characters > CHARACTERS_IN_A_MESSAGE)) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  #threadWithRoom(): PoolMember | null {
    let best: PoolMember | null = null;
    for (const thread of this.#threads) {
      if (this.#quarantined.has(thread)) continue;
      if (thread.callsInFlight >= CALLS_IN_A_THREAD || thread.charactersInFlight >= CHARACTERS_IN_A_THREAD) continue;
      if (best === null || thread.callsInFlight < best.callsInFlight) best = thread;
    }
    return best ?? this.#startThread();
  }

  /** What a thread has run before may still be what kills it, so a verdict on one call needs a fresh thread. */
  #idleThread(fresh: boolean): PoolMember | null {
    const idle = [...this.#threads].filter((thread) => thread.callsInFlight === 0);
    const usable = idle.find((thread) => !fresh || thread.callsEver === 0);
    if (usable !== undefined) return usable;
    const [used] = idle;
    if (used !== undefined) this.#dismiss(used);
    return this.#startThread();
  }

  #startThread(): PoolMember | null {
    if (this.#threads.size >= this.#options.members) return null;
    const thread = this.#options.start({
      onSettled: (settled) => {
        this.#settled(settled);
      },
      onEnd: (ended, end) => {
        this.#ended(ended, end);
      },
    });
    this.#threads.add(thread);
    return thread;
  }

  #dismiss(thread: PoolMember): void {
    this.#threads.delete(thread);
    void thread.stop();
  }

  #settled(thread: PoolMember): void {
    this.#unexplainedDeaths = 0;
    if (thread.callsInFlight === 0) this.#quarantined.delete(thread);
    if (this.#queue.length > 0 || this.#suspects.length > 0) this.#pump();
  }

  #ended(thread: PoolMember, end: MemberEnd): void {
    this.#threads.delete(thread);
    this.#quarantined.delete(thread);
    if (this.#closedBy !== null) {
      for (const pending of [...end.begun, ...end.notBegun]) pending.abandon(this.#closedBy);
      return;
    }
    if (end.cause === 'load-failed') this.#failAll(end);
    else this.#blame(thread, end);
    this.#pump();
  }

  #blame(thread: PoolMember, end: MemberEnd): void {
    const { current, begun } = end;
    this.#queue.unshift(...end.notBegun);
    const [only] = begun;
    if (only === undefined) {
      if (++this.#unexplainedDeaths >= UNEXPLAINED_DEATHS && end.notBegun.length > 0) this.#failAll(end);
    } else if (end.cause === 'timed-out' && current !== null) {
      current.settle(guilty(current, end));
      this.#queue.unshift(...begun.filter((pending) => pending !== current));
    } else if (thread.callsEver === 1) {
      only.settle(guilty(only, end));
    } else if (current !== null && begun.length > 1) {
      this.#suspects.push(
        [current],
        begun.filter((pending) => pending !== current),
      );
    } else {
      const half = Math.ceil(begun.length / 2);
      this.#suspects.push(...[begun.slice(0, half), begun.slice(half)].filter((group) => group.length > 0));
    }
  }

  /** The code fails as a whole: when it is loaded, or by itself between calls. */
  #failAll(end: MemberEnd): void {
    this.#unexplainedDeaths = 0;
    const code = end.cause === 'load-failed' ? 'FUNCTION_FAILED' : 'FUNCTION_CRASHED';
    const message =
      code === 'FUNCTION_FAILED' ? `The task's code cannot be loaded: ${end.reason}` : `The task's code ${end.reason}`;
    const outcome: FunctionOutcome = {
      ok: false,
      code,
      message,
      ...(end.stack === undefined ? {} : { stack: end.stack }),
    };
    for (const pending of [...end.begun, ...end.notBegun, ...this.#takeWaiting()]) pending.settle(outcome);
  }

  #takeWaiting(): PendingCall[] {
    const waiting = [...this.#suspects.flat(), ...this.#queue];
    this.#suspects = [];
    this.#queue = [];
    return waiting;
  }

  #startWatch(): void {
    if (this.#watch !== null) return;
    if (this.#idle !== null) clearTimeout(this.#idle);
    let last = performance.now();
    this.#watch = setInterval(() => {
      const now = performance.now();
      const elapsed = now - last;
      last = now;
      for (const thread of this.#threads) thread.watch(elapsed);
      if ([...this.#threads].every((thread) => thread.callsInFlight === 0)) this.#rest();
      else if ([...this.#threads].every((thread) => thread.isBacklogged)) this.#startThread();
    }, WATCH_INTERVAL);
  }

  #rest(): void {
    if (this.#queue.length > 0 || this.#suspects.length > 0) return;
    this.#stopTimers();
    this.#idle = setTimeout(() => {
      for (const thread of this.#threads) this.#dismiss(thread);
    }, this.#options.idleMilliseconds).unref();
  }

  #stopTimers(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#watch = null;
    this.#idle = null;
  }
}

function guilty(pending: PendingCall, end: MemberEnd): FunctionOutcome {
  return {
    ok: false,
    code: end.cause === 'timed-out' ? 'FUNCTION_TIMED_OUT' : 'FUNCTION_CRASHED',
    message: `${pending.call.function} ${end.reason}`,
    ...(end.stack === undefined ? {} : { stack: end.stack }),
  };
}
