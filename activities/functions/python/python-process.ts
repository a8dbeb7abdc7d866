import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';

import type { PythonCode } from '../function-host.ts';
import type { PendingCall, UserOutput } from '../pending-call.ts';
import type { MemberEnd, MemberEvents, PoolMember } from '../pool-member.ts';
import { countedTime, type OutcomeEntry } from '../thread-protocol.ts';
import { LineSplitter } from './line-splitter.ts';
import { pythonFolder } from './python-folder.ts';

const LOAD_MILLISECONDS = 120_000;
/** Of what a process has written to standard error, shown when it dies. */
const LAST_WORDS_CHARACTERS = 2_000;

export interface PythonProcessOptions extends MemberEvents {
  python: string;
  code: PythonCode;
  environment: NodeJS.ProcessEnv;
  memoryMegabytes: number;
  onOutput: (output: UserOutput) => void;
}

/** The host's end of one Python process, which runs the calls of a task one after the other. */
export class PythonProcess implements PoolMember {
  readonly #options: PythonProcessOptions;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  readonly #inFlight = new Map<number, PendingCall>();
  #lastNumber = 0;
  #lastBegun = 0;
  #current = 0;
  #charactersInFlight = 0;
  #loaded = false;
  #silentMilliseconds = 0;
  #lastWords = '';
  #cause: Pick<MemberEnd, 'cause' | 'reason'> | null = null;

  constructor(options: PythonProcessOptions) {
    this.#options = options;
    const { python, code, environment, memoryMegabytes } = options;
    this.#child = spawn(python, [join(pythonFolder(), 'run_calls.py'), code.path, code.folder, String(memoryMegabytes)], {
      // Files that helpers open by a relative path are where the task was planned, if they are anywhere.
      cwd: existsSync(code.folder) ? code.folder : dirname(code.path),
      env: { ...environment, PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1', PYTHONUNBUFFERED: '1' },
      windowsHide: true,
    });
    this.#hold(false);
    const lines = new LineSplitter((line) => {
      this.#receive(line);
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines.add(text);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_CHARACTERS);
      options.onOutput({ stream: 'stderr', text, bundlePath: code.path });
    });
    // A process that has died takes no more calls; its end tells why.
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', (error) => {
      this.#cause ??= { cause: 'load-failed', reason: `Python does not start: ${error.message}` };
    });
    this.#closed = new Promise((resolve) => {
      this.#child.on('close', (exitCode, signal) => {
        resolve();
        this.#end(exitCode, signal);
      });
    });
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
    return this.#lastBegun < this.#lastNumber;
  }

  dispatch(calls: PendingCall[]): void {
    if (this.#inFlight.size === 0) {
      this.#hold(true);
      this.#silentMilliseconds = 0;
    }
    const lines = calls.map((pending) => {
      this.#inFlight.set(++this.#lastNumber, pending);
      this.#charactersInFlight += pending.argumentsJson.length;
      const { function: reference, method, seed } = pending.call;
      const head = JSON.stringify([reference, method ?? null, pending.timeLimitMilliseconds, seed ?? null]).slice(1, -1);
      return `[${this.#lastNumber},${head},${pending.argumentsJson}]\n`;
    });
    this.#child.stdin.write(lines.join(''));
  }

  watch(elapsedMilliseconds: number): void {
    if (this.#inFlight.size === 0 || this.#cause !== null) return;
    this.#silentMilliseconds += countedTime(elapsedMilliseconds);
    const limit = this.#timeLimit();
    if (this.#silentMilliseconds < limit) return;
    this.#cause = this.#loaded
      ? { cause: 'timed-out', reason: `did not answer within ${limit / 1000} s` }
      : { cause: 'load-failed', reason: `it is not loaded after ${limit / 1000} s` };
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#cause ??= { cause: 'stopped', reason: 'was stopped' };
    this.#hold(true);
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  #timeLimit(): number {
    if (!this.#loaded) return LOAD_MILLISECONDS;
    const running = this.#inFlight.get(this.#current);
    if (running !== undefined) return running.timeLimitMilliseconds;
    return Math.max(0, ...[...this.#inFlight.values()].map(({ timeLimitMilliseconds }) => timeLimitMilliseconds));
  }

  /** What each kind of line means is said in python/syngraph_python/call_runner.py. */
  #receive(line: string): void {
    this.#silentMilliseconds = 0;
    if (line.startsWith('b')) this.#lastBegun = this.#current = Number(line.slice(1));
    else if (line === 'r') this.#loaded = true;
    else if (line === 't') this.#current = 0;
    else this.#settle(JSON.parse(line) as OutcomeEntry);
  }

  #settle(entry: OutcomeEntry): void {
    const pending = this.#inFlight.get(entry[0]);
    if (pending === undefined) return;
    this.#inFlight.delete(entry[0]);
    this.#charactersInFlight -= pending.argumentsJson.length;
    if (this.#current === entry[0]) this.#current = 0;
    if (entry[1] === 1) pending.settle({ ok: true, value: entry[2] as never });
    else if (entry[2].code === 'FUNCTION_FAILED') pending.settle({ ok: false, ...entry[2] });
    else pending.settle({ ok: false, ...entry[2], message: `${pending.call.function} ${entry[2].message}` });
    if (this.#inFlight.size === 0) this.#hold(false);
    this.#options.onSettled(this);
  }

  #end(exitCode: number | null, signal: string | null): void {
    // One that was killed from outside while it loaded is worth another try.
    const kind = this.#loaded || signal !== null ? 'crashed' : 'load-failed';
    const how = signal === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signal}`;
    const cause = this.#cause ?? { cause: kind, reason: `ended its process with ${how}` };
    const unsettled = [...this.#inFlight];
    const current = this.#inFlight.get(this.#current) ?? null;
    this.#inFlight.clear();
    this.#options.onEnd(this, {
      ...cause,
      ...(this.#lastWords === '' ? {} : { stack: this.#lastWords }),
      current,
      begun: unsettled.filter(([number]) => number <= this.#lastBegun).map(([, pending]) => pending),
      notBegun: unsettled.filter(([number]) => number > this.#lastBegun).map(([, pending]) => pending),
    });
  }

  /** A process without calls keeps nobody from ending. */
  #hold(held: boolean): void {
    const way = held ? 'ref' : 'unref';
    this.#child[way]();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) (stream as unknown as Socket)[way]();
  }
}
