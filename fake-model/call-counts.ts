import type { BrokenClass } from './script.ts';

/** Prompts that are told apart; later new ones are counted in the totals only. */
const MAXIMUM_PROMPTS = 500_000;
const MAXIMUM_LISTED = 100;
const MAXIMUM_ARRIVALS = 200_000;

export interface FakeModelStats {
  /** Calls that arrived, whatever became of them. */
  calls: number;
  /** Complete answers with status 200. */
  answered: number;
  /** By HTTP status; cut connections count as `cut`, calls whose caller went away as `abandoned`. */
  byStatus: Record<string, number>;
  inFlight: number;
  maxInFlight: number;
  /** Distinct requests (whole body) seen. */
  distinctPrompts: number;
  /** Complete answers given to a request that had one before: 0 means that no finished call was paid for twice. */
  repeatedAnswers: number;
  /** Starts of the first last user messages that were answered again. */
  repeatedPrompts: string[];
  /** Answers that were broken as the script says, by class. */
  broken: Partial<Record<BrokenClass, number>>;
  /** Answers that call tools. */
  toolTurns: number;
  /** Batches that were created. */
  batches: number;
  /** Requests that batches have answered; they are no calls, and count among the repeated answers. */
  answeredInBatches: number;
}

/** Counts calls; cheap, since it runs beside what is being measured. */
export class CallCounts {
  #calls = 0;
  #answered = 0;
  #byStatus: Record<string, number> = {};
  #inFlight = 0;
  #maxInFlight = 0;
  #repeatedAnswers = 0;
  #repeatedPrompts: string[] = [];
  #answersByPrompt = new Map<number, number>();
  #broken: Partial<Record<BrokenClass, number>> = {};
  #toolTurns = 0;
  #batches = 0;
  #answeredInBatches = 0;
  #arrivals: number[] = [];

  /** When the first 200,000 calls arrived, epoch milliseconds. */
  get arrivals(): readonly number[] {
    return this.#arrivals;
  }

  get calls(): number {
    return this.#calls;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  arrive(hash: number): void {
    this.#calls++;
    this.#inFlight++;
    if (this.#arrivals.length < MAXIMUM_ARRIVALS) this.#arrivals.push(Date.now());
    if (this.#inFlight > this.#maxInFlight) this.#maxInFlight = this.#inFlight;
    if (!this.#answersByPrompt.has(hash) && this.#answersByPrompt.size < MAXIMUM_PROMPTS)
      this.#answersByPrompt.set(hash, 0);
  }

  /** A request of a batch is answered. */
  answerInBatch(hash: number, prompt: string): void {
    this.#answeredInBatches++;
    if (!this.#answersByPrompt.has(hash)) this.#answersByPrompt.set(hash, 0);
    this.answer(hash, prompt);
    this.#answered--;
  }

  createBatch(): void {
    this.#batches++;
  }

  leave(status: number | 'cut' | 'abandoned'): void {
    this.#inFlight--;
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
  }

  answer(hash: number, prompt: string): void {
    this.#answered++;
    const before = this.#answersByPrompt.get(hash);
    if (before === undefined) return;
    this.#answersByPrompt.set(hash, before + 1);
    if (before === 0) return;
    this.#repeatedAnswers++;
    if (this.#repeatedPrompts.length < MAXIMUM_LISTED) this.#repeatedPrompts.push(prompt.slice(0, 200));
  }

  breakAnswer(broken: BrokenClass): void {
    this.#broken[broken] = (this.#broken[broken] ?? 0) + 1;
  }

  callTools(): void {
    this.#toolTurns++;
  }

  /** Starts counting anew; calls in flight stay counted as such. */
  reset(): void {
    this.#calls = 0;
    this.#answered = 0;
    this.#byStatus = {};
    this.#maxInFlight = this.#inFlight;
    this.#repeatedAnswers = 0;
    this.#repeatedPrompts = [];
    this.#answersByPrompt.clear();
    this.#broken = {};
    this.#toolTurns = 0;
    this.#batches = 0;
    this.#answeredInBatches = 0;
    this.#arrivals = [];
  }

  read(): FakeModelStats {
    return {
      calls: this.#calls,
      answered: this.#answered,
      byStatus: { ...this.#byStatus },
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
      distinctPrompts: this.#answersByPrompt.size,
      repeatedAnswers: this.#repeatedAnswers,
      repeatedPrompts: [...this.#repeatedPrompts],
      broken: { ...this.#broken },
      toolTurns: this.#toolTurns,
      batches: this.#batches,
      answeredInBatches: this.#answeredInBatches,
    };
  }
}
