import { availableParallelism } from 'node:os';

import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonValue } from '../../pipeline/json.ts';
import { BundlePool } from './bundle-pool.ts';
import type { FunctionCall, FunctionHost, FunctionOutcome } from './function-host.ts';
import type { UserOutput } from './pending-call.ts';

const DEFAULT_TIME_LIMIT = 60_000;

export interface FunctionHostOptions {
  /** Threads that one bundle may use at most; they start when there is work. Default 1, and 2 on machines with more than two cores. */
  threads?: number;
  /** Heap that a thread may use. Default 512. */
  memoryMegabytes?: number;
  /** A thread without calls for that long is ended. Default 30,000. */
  idleMilliseconds?: number;
  /** What user code prints. Default: it goes to standard error. */
  onOutput?: (output: UserOutput) => void;
}

/**
 * Threads that run the task's code. They see a copy of the environment with everything in it, since
 * functions may need keys of their own: what a function prints or answers is its author's affair.
 */
export function createFunctionHost(options: FunctionHostOptions = {}): FunctionHost {
  return new ThreadedFunctionHost({
    threads: options.threads ?? (availableParallelism() > 2 ? 2 : 1),
    memoryMegabytes: options.memoryMegabytes ?? 512,
    idleMilliseconds: options.idleMilliseconds ?? 30_000,
    onOutput: options.onOutput ?? (({ text }) => process.stderr.write(text)),
  });
}

class ThreadedFunctionHost implements FunctionHost {
  readonly #options: Required<FunctionHostOptions>;
  readonly #pools = new Map<string, BundlePool>();
  #closed = false;

  constructor(options: Required<FunctionHostOptions>) {
    this.#options = options;
  }

  callEach(call: FunctionCall, argumentLists: JsonValue[][]): Promise<FunctionOutcome[]> {
    if (this.#closed) return Promise.reject(closedError());
    if (argumentLists.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const outcomes = new Array<FunctionOutcome>(argumentLists.length);
      let unsettled = argumentLists.length;
      const calls = argumentLists.map((argumentList, index) => ({
        call,
        timeLimitMilliseconds: call.timeLimitMilliseconds ?? DEFAULT_TIME_LIMIT,
        argumentsJson: JSON.stringify(argumentList),
        settle: (outcome: FunctionOutcome): void => {
          outcomes[index] = outcome;
          if (--unsettled === 0) resolve(outcomes);
        },
        abandon: reject,
      }));
      this.#pool(call.bundlePath).add(calls);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close(closedError())));
  }

  #pool(bundlePath: string): BundlePool {
    let pool = this.#pools.get(bundlePath);
    if (pool === undefined) {
      pool = new BundlePool({ ...this.#options, bundlePath });
      this.#pools.set(bundlePath, pool);
    }
    return pool;
  }
}

function closedError(): SyngraphError {
  return new SyngraphError({ code: 'INTERNAL', message: 'The function host was closed while functions were called' });
}
