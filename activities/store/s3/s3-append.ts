import { setTimeout as sleep } from 'node:timers/promises';
import { SyngraphError } from '../../../pipeline/errors.ts';
import type { AppendFile } from '../store.ts';
import { keptText } from './kept-text.ts';
import { partKey } from './part-keys.ts';

export interface S3AppendOptions {
  key: string;
  write: (key: string, content: string) => Promise<void>;
  remove: (keys: string[]) => Promise<void>;
  /** Milliseconds that a failing flush is tried again before the file is given up. Default 60,000. */
  patienceMilliseconds?: number;
}

/** With the time of a put, what was appended is kept well within a second. */
const FLUSH_MILLISECONDS = 400;

/** A flush that takes longer holds up whoever appends. */
const STALL_MILLISECONDS = 2_000;

const PATIENCE_MILLISECONDS = 60_000;

/** Between tries that the SDK has already repeated by itself. */
const PAUSE_MILLISECONDS = 500;

/**
 * Objects cannot be appended to: each flush writes one more, and closing writes the whole under the
 * file's own key and removes them. Where the whole would be too large to hold, they stay as they are.
 */
export class S3Append implements AppendFile {
  readonly #options: S3AppendOptions;
  readonly #kept = keptText();
  readonly #flights = new Set<Promise<void>>();
  #pending = '';
  #parts: string[] = [];
  #timer: NodeJS.Timeout | null = null;
  #failure: SyngraphError | null = null;
  #stalled: { promise: Promise<void>; settle: () => void } | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: S3AppendOptions) {
    this.#options = options;
  }

  get isStalled(): boolean {
    return this.#stalled !== null;
  }

  append(text: string): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#closing !== null) {
      return Promise.reject(new SyngraphError({ code: 'INTERNAL', message: `Appended to ${this.#options.key} after it was closed` }));
    }
    this.#pending += text;
    this.#kept.add(text);
    this.#timer ??= setTimeout(() => void this.#launch(), FLUSH_MILLISECONDS);
    return this.#stalled === null ? Promise.resolve() : this.settled();
  }

  async settled(): Promise<void> {
    await this.#stalled?.promise;
    this.#throwIfFailed();
  }

  async flush(): Promise<void> {
    this.#launch();
    await Promise.all(this.#flights);
    this.#throwIfFailed();
  }

  /** Rejects with the flush that has failed for good, if there was one. */
  close(): Promise<void> {
    return (this.#closing ??= this.#finish());
  }

  async #finish(): Promise<void> {
    const whole = this.#kept.take();
    if (whole === null || this.#failure !== null) return this.flush();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#pending = '';
    if (whole === '') return;
    await Promise.all([this.#writePatiently(this.#options.key, whole), ...this.#flights]);
    this.#throwIfFailed();
    // Listings leave them out beside the whole, so nobody waits for it.
    if (this.#parts.length > 0) void this.#options.remove(this.#parts).catch(() => undefined);
  }

  /** Several may be under way: a slow one must not hold up what comes after it. */
  #launch(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending === '' || this.#failure !== null) return;
    const content = this.#pending;
    this.#pending = '';
    const part = partKey(this.#options.key, this.#parts.length);
    this.#parts.push(part);
    const slow = setTimeout(() => this.#stall(), STALL_MILLISECONDS);
    const flight = this.#writePatiently(part, content).finally(() => {
      clearTimeout(slow);
      this.#flights.delete(flight);
      if (this.#flights.size === 0 || this.#failure !== null) this.#settle();
    });
    this.#flights.add(flight);
  }

  /** Never rejects: a failure is for whoever appends, flushes or closes. */
  async #writePatiently(key: string, content: string): Promise<void> {
    const { write, patienceMilliseconds = PATIENCE_MILLISECONDS } = this.#options;
    const deadline = Date.now() + patienceMilliseconds;
    while (this.#failure === null) {
      try {
        return await write(key, content);
      } catch (error) {
        if (Date.now() >= deadline) this.#failure = toFailure(error);
        else await sleep(PAUSE_MILLISECONDS);
      }
    }
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #stall(): void {
    if (this.#stalled !== null) return;
    let settle = (): void => undefined;
    const promise = new Promise<void>((resolve) => (settle = resolve));
    this.#stalled = { promise, settle };
  }

  #settle(): void {
    this.#stalled?.settle();
    this.#stalled = null;
  }
}

function toFailure(error: unknown): SyngraphError {
  if (error instanceof SyngraphError) return error;
  return new SyngraphError({ code: 'STORE_UNAVAILABLE', message: error instanceof Error ? error.message : String(error), cause: error });
}
