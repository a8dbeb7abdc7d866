import type { LocalTokenizer } from '../local-tokenizer.ts';
import { AnswerText } from './answer-text.ts';
import { chooseToken, type Sampling } from './choose-token.ts';
import type { Decoder } from './decoder.ts';
import { KeyValueCache, type CacheShape } from './key-value-cache.ts';
import { randomSource } from './random-source.ts';

export interface DecodingJob {
  prompt: number[];
  sampling: Sampling;
  /** Texts that end the answer and are not part of it. */
  stops: string[];
  /** Tokens that the answer may have; at least one. */
  maximumTokens: number;
  /** The same seed draws the same answer. */
  seed: string;
  /** Told when the job's turn has come. */
  onStart: () => void;
}

export interface DecodedAnswer {
  text: string;
  finishReason: 'stop' | 'length';
  /** Tokens of the answer, without the one that ends it. */
  tokens: number;
}

export interface BatchDecoderOptions {
  decoder: Decoder;
  tokenizer: LocalTokenizer;
  shape: CacheShape;
  /** Tokens that end an answer. */
  ends: ReadonlySet<number>;
}

/** More rows at once take longer than they save on few cores. */
const MAXIMUM_ROWS = 8;

interface Waiting {
  job: DecodingJob;
  signal: AbortSignal;
  resolve: (answer: DecodedAnswer) => void;
  reject: (error: unknown) => void;
}

interface Row extends Waiting {
  text: AnswerText;
  answer: number[];
  random: () => number;
}

/** Writes several answers at once, one token of each at a time: jobs join and leave at any token. */
export class BatchDecoder {
  readonly #options: BatchDecoderOptions;
  readonly #cache: KeyValueCache;
  readonly #waiting: Waiting[] = [];
  /** In the order of the cache's rows. */
  readonly #rows: Row[] = [];
  #isRunning = false;

  constructor(options: BatchDecoderOptions) {
    this.#options = options;
    this.#cache = new KeyValueCache(options.shape, MAXIMUM_ROWS);
  }

  /** Rejects with the signal's reason when it aborts, at the next token at the latest. */
  decode(job: DecodingJob, signal: AbortSignal): Promise<DecodedAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, signal, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#waiting.length > 0 || this.#rows.length > 0) {
        this.#dropAborted();
        await this.#admit();
        if (this.#rows.length > 0) await this.#step();
      }
    } catch (error) {
      // The runtime itself has failed: nothing that is in the cache can be trusted.
      for (const { reject } of [...this.#rows.splice(0), ...this.#waiting.splice(0)]) reject(error);
      while (this.#cache.rows > 0) this.#cache.removeRow(0);
    } finally {
      this.#isRunning = false;
    }
  }

  async #admit(): Promise<void> {
    while (this.#rows.length < MAXIMUM_ROWS) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const row: Row = { ...next, text: new AnswerText(next.job.stops), answer: [], random: randomSource(next.job.seed) };
      this.#rows.push(row);
      row.job.onStart();
      this.#take(this.#rows.length - 1, await this.#options.decoder.begin(row.job.prompt, this.#cache));
    }
  }

  async #step(): Promise<void> {
    const last = this.#rows.map(({ answer }) => answer.at(-1) as number);
    const logits = await this.#options.decoder.goOn(last, this.#cache);
    // From the end, since the last row takes the place of one that has ended.
    for (let index = this.#rows.length - 1; index >= 0; index--) this.#take(index, logits[index] as Float32Array);
  }

  /** Draws the next token of a row; ends the row where it is the last. */
  #take(index: number, logits: Float32Array): void {
    const row = this.#rows[index] as Row;
    const { job, answer, text, random } = row;
    const token = chooseToken({ logits, sampling: job.sampling, prompt: job.prompt, answer, random });
    if (this.#options.ends.has(token)) return this.#end(index, 'stop');
    answer.push(token);
    text.append(this.#options.tokenizer.bytesOf(token));
    if (text.isStopped) return this.#end(index, 'stop');
    if (answer.length >= job.maximumTokens) this.#end(index, 'length');
  }

  #end(index: number, finishReason: DecodedAnswer['finishReason']): void {
    const { text, answer, resolve } = this.#remove(index);
    resolve({ text: text.toString(), finishReason, tokens: answer.length });
  }

  #dropAborted(): void {
    for (let index = this.#rows.length - 1; index >= 0; index--) {
      const { signal, reject } = this.#rows[index] as Row;
      if (!signal.aborted) continue;
      this.#remove(index);
      reject(signal.reason);
    }
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      const { signal, reject } = this.#waiting[index] as Waiting;
      if (!signal.aborted) continue;
      this.#waiting.splice(index, 1);
      reject(signal.reason);
    }
  }

  /** As the cache removes rows: the last takes the place. */
  #remove(index: number): Row {
    const row = this.#rows[index] as Row;
    const last = this.#rows.pop() as Row;
    if (last !== row) this.#rows[index] = last;
    this.#cache.removeRow(index);
    return row;
  }
}
