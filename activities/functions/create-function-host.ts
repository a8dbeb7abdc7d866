import { availableParallelism } from 'node:os';

import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonValue } from '../../pipeline/json.ts';
import { createRedactor } from '../models/redact-secrets.ts';
import { BundlePool } from './bundle-pool.ts';
import { BundleThread } from './bundle-thread.ts';
import type { FunctionCall, FunctionHost, FunctionOutcome } from './function-host.ts';
import type { UserOutput } from './pending-call.ts';
import { findPython } from './python/find-python.ts';
import { isPython } from './python/is-python.ts';
import { PythonProcess } from './python/python-process.ts';

const DEFAULT_TIME_LIMIT = 60_000;

export interface FunctionHostOptions {
  /** Threads that one bundle may use at most; they start when there is work. Default 1, and 2 on machines with more than two cores. */
  threads?: number;
  /** Heap that a thread may use. Default 512. */
  memoryMegabytes?: number;
  /** Where Python is looked for, and what its processes see. Default: that of this process. */
  environment?: NodeJS.ProcessEnv;
  /** Processes that one task's Python code may use at most; they start when there is work. Default: one a core. */
  pythonProcesses?: number;
  /** Memory that a Python process may use. Default: SYNGRAPH_PYTHON_MEMORY_MB, else 4,096. */
  pythonMemoryMegabytes?: number;
  /** A thread or process without calls for that long is ended. Default 30,000. */
  idleMilliseconds?: number;
  /** What user code prints. Default: it goes to standard error. */
  onOutput?: (output: UserOutput) => void;
}

/**
 * Threads and Python processes that run the task's code. They see a copy of the environment with everything in it, since
 * functions may need keys of their own: what a function answers is its author's affair, what it throws is redacted.
 */
export function createFunctionHost(options: FunctionHostOptions = {}): FunctionHost {
  const environment = options.environment ?? process.env;
  return new PooledFunctionHost({
    environment,
    threads: options.threads ?? (availableParallelism() > 2 ? 2 : 1),
    memoryMegabytes: options.memoryMegabytes ?? 512,
    pythonProcesses: options.pythonProcesses ?? availableParallelism(),
    pythonMemoryMegabytes: options.pythonMemoryMegabytes ?? (Number(environment['SYNGRAPH_PYTHON_MEMORY_MB']) || 4096),
    idleMilliseconds: options.idleMilliseconds ?? 30_000,
    onOutput: options.onOutput ?? (({ text }) => process.stderr.write(text)),
  });
}

class PooledFunctionHost implements FunctionHost {
  readonly #options: Required<FunctionHostOptions>;
  readonly #pools = new Map<string, BundlePool>();
  #redact: ((text: string) => string) | undefined;
  #closed = false;

  constructor(options: Required<FunctionHostOptions>) {
    this.#options = options;
  }

  async callEach(call: FunctionCall, argumentLists: JsonValue[][]): Promise<FunctionOutcome[]> {
    if (argumentLists.length === 0) return [];
    const python = isPython(call.function) ? await findPython(this.#options.environment) : null;
    if (this.#closed) throw closedError();
    const pool = python === null ? this.#pool(call.bundlePath) : this.#pythonPool(call, python);
    return new Promise((resolve, reject) => {
      const outcomes = new Array<FunctionOutcome>(argumentLists.length);
      let unsettled = argumentLists.length;
      const calls = argumentLists.map((argumentList, index) => ({
        call,
        timeLimitMilliseconds: call.timeLimitMilliseconds ?? DEFAULT_TIME_LIMIT,
        argumentsJson: JSON.stringify(argumentList),
        settle: (outcome: FunctionOutcome): void => {
          outcomes[index] = this.#withoutSecrets(outcome);
          if (--unsettled === 0) resolve(outcomes);
        },
        abandon: reject,
      }));
      pool.add(calls);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close(closedError())));
  }

  #withoutSecrets(outcome: FunctionOutcome): FunctionOutcome {
    if (outcome.ok) return outcome;
    const redact = (this.#redact ??= createRedactor(this.#options.environment));
    const { message, stack } = outcome;
    return { ...outcome, message: redact(message), ...(stack === undefined ? {} : { stack: redact(stack) }) };
  }

  #pool(bundlePath: string): BundlePool {
    const { threads, memoryMegabytes, idleMilliseconds, onOutput } = this.#options;
    return this.#poolOf(bundlePath, () => {
      return new BundlePool({
        members: threads,
        idleMilliseconds,
        start: (events) => new BundleThread({ bundlePath, memoryMegabytes, onOutput, ...events }),
      });
    });
  }

  #pythonPool({ function: reference, python: code }: FunctionCall, python: string): BundlePool {
    if (code === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan names ${reference} but has no Python code` });
    const { pythonProcesses, pythonMemoryMegabytes: memoryMegabytes, idleMilliseconds, onOutput, environment } = this.#options;
    return this.#poolOf(JSON.stringify([python, code.path, code.folder]), () => {
      return new BundlePool({
        members: pythonProcesses,
        idleMilliseconds,
        start: (events) => new PythonProcess({ python, code, environment, memoryMegabytes, onOutput, ...events }),
      });
    });
  }

  #poolOf(key: string, make: () => BundlePool): BundlePool {
    const pool = this.#pools.get(key) ?? make();
    this.#pools.set(key, pool);
    return pool;
  }
}

function closedError(): SyngraphError {
  return new SyngraphError({ code: 'INTERNAL', message: 'The function host was closed while functions were called' });
}
