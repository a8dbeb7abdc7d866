import { setMaxListeners } from 'node:events';

const FIRST_TRIAL_MILLISECONDS = 2_000;
const LONGEST_TRIAL_MILLISECONDS = 60_000;
/** A trial that has not ended by then, since its call hangs, is not waited for. */
const NEXT_WHILE_TRYING_MILLISECONDS = 30_000;
const RECALL_MILLISECONDS = 500;
const RECALLED_AT_ONCE = 3;

/** Which models are out, as one worker and run see it; by their names. */
export type ModelOutages = (model: string) => ModelOutage;

export function createModelOutages(): ModelOutages {
  const outages = new Map<string, ModelOutage>();
  return (model) => {
    const known = outages.get(model) ?? new ModelOutage();
    outages.set(model, known);
    return known;
  };
}

/**
 * Whether a model that others stand in for is asked now. Once it is out, one record at a time tries it, ever more
 * seldom, from every 2 seconds to once a minute, until it answers. Times are the caller's, in epoch milliseconds.
 */
export class ModelOutage {
  #isOut = false;
  #trials = 0;
  #failingSince: number | null = null;
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #nextTrialAt = 0;
  #out = new AbortController();
  /** By the signal that they are joined with: one for all the calls of an activity. */
  #joined = new WeakMap<AbortSignal, AbortSignal>();

  get isOut(): boolean {
    return this.#isOut;
  }

  /** What a record may do: ask it as ever, try whether it is back, or leave it alone. */
  admit(now: number): 'ask' | 'try' | 'leave' {
    if (!this.#isOut) return 'ask';
    if (now < this.#nextTrialAt) return 'leave';
    this.#nextTrialAt = now + NEXT_WHILE_TRYING_MILLISECONDS;
    return 'try';
  }

  /** `signal`, and aborted also when the model goes out: what waits for it need not find out by itself. */
  join(signal: AbortSignal): AbortSignal {
    const known = this.#joined.get(signal);
    if (known !== undefined) return known;
    const joined = AbortSignal.any([signal, this.#out.signal]);
    setMaxListeners(0, joined, this.#out.signal);
    this.#joined.set(signal, joined);
    return joined;
  }

  /**
   * A call has failed.
   * @param lastAnswerAt when the model has last answered anybody
   * @returns since when it answers nobody
   */
  noteFailure(now: number, lastAnswerAt: number): number {
    if (this.#failingSince === null || lastAnswerAt > this.#failingSince) this.#failingSince = now;
    return this.#failingSince;
  }

  /**
   * Has a record that waits for another model called back when this one is to be tried, or is back.
   * @returns what ends that
   */
  awaitReturn(recall: () => void): () => void {
    this.#waiting.add(recall);
    return () => void this.#waiting.delete(recall);
  }

  goOut(now: number): void {
    if (this.#isOut) this.#trials += 1;
    else this.#trials = 0;
    this.#isOut = true;
    this.#nextTrialAt = now + Math.min(FIRST_TRIAL_MILLISECONDS * 2 ** this.#trials, LONGEST_TRIAL_MILLISECONDS);
    this.#out.abort(new Error('The model is out.'));
    this.#timer ??= setInterval(() => this.#recallSome(), RECALL_MILLISECONDS).unref();
  }

  comeBack(): void {
    if (!this.#isOut) return;
    this.#isOut = false;
    this.#failingSince = null;
    this.#out = new AbortController();
    this.#joined = new WeakMap();
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const recall of this.#waiting) recall();
  }

  /** The newest: they are the last in their queue, and not under way yet. */
  #recallSome(): void {
    if (Date.now() < this.#nextTrialAt) return;
    for (const recall of [...this.#waiting].slice(-RECALLED_AT_ONCE)) recall();
  }
}
