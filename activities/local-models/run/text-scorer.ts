import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { LocalModelError } from '../local-model-error.ts';
import { LocalTokenizer } from '../local-tokenizer.ts';
import { graphPath, readModelConfig, type ModelConfig } from './model-config.ts';
import type { ScoreRequest, TextScore } from './model-protocol.ts';
import { onnxRuntime, openSession } from './onnx-runtime.ts';
import { slidingWindows, windowAfter, type ScoringWindow } from './scoring-windows.ts';

/** Tokens of a window at most. */
const WINDOW_TOKENS = 1024;
/** Tokens of a batch, its filling included, where a window has no more: a larger one is slower, as the scores of all words leave the cache. */
const BATCH_TOKENS = 256;

/** No token stands for more characters on average; more of a text need not be cut into tokens. */
const CHARACTERS_PER_TOKEN = 32;

interface ScorerParts {
  tokenizer: LocalTokenizer;
  session: InferenceSession;
  config: ModelConfig;
  output: 'nll' | 'logits';
}

/**
 * Says how surprising texts are. The graph takes `input_ids` and gives either `nll` (see `scoringGraph`) or `logits`, as
 * models exported from transformers do. Texts that are longer than a window are scored in windows that follow each other.
 */
export class TextScorer {
  readonly #tokenizer: LocalTokenizer;
  readonly #session: InferenceSession;
  readonly #config: ModelConfig;
  readonly #output: 'nll' | 'logits';

  private constructor({ tokenizer, session, config, output }: ScorerParts) {
    this.#tokenizer = tokenizer;
    this.#session = session;
    this.#config = config;
    this.#output = output;
  }

  /** @throws LocalModelError */
  static async open(folder: string): Promise<TextScorer> {
    const path = graphPath(folder, 'scoring');
    const config = readModelConfig(folder);
    const tokenizer = new LocalTokenizer(folder);
    // Other cores score other texts, in threads of their own.
    const session = await openSession(path, 1);
    const unknown = session.inputNames.filter((name) => !['input_ids', 'attention_mask', 'position_ids'].includes(name));
    if (unknown.length > 0) throw new LocalModelError(`${path} wants ${unknown.join(', ')}, which is not known here`);
    const output = (['nll', 'logits'] as const).find((name) => session.outputNames.includes(name));
    if (output === undefined) throw new LocalModelError(`${path} gives neither nll nor logits`);
    return new TextScorer({ tokenizer, session, config, output });
  }

  /** In the order of the texts. */
  async score(request: ScoreRequest, signal: AbortSignal): Promise<TextScore[]> {
    const sums = request.texts.map(() => ({ tokens: 0, nll: 0 }));
    // Windows of like length share a batch, so that little of it is filling.
    const windows = request.texts.flatMap((_, index) => this.#windowsOf(request, index)).sort((one, other) => one.tokens.length - other.tokens.length);
    const batches: ScoringWindow[][] = [];
    while (windows.length > 0) {
      const longest = windows.at(-1)?.tokens.length ?? 1;
      batches.push(windows.splice(-Math.max(1, Math.floor(BATCH_TOKENS / longest))));
    }
    for (const batch of batches) {
      signal.throwIfAborted();
      const surprises = await this.#run(batch);
      for (const [row, { text, tokens, from }] of batch.entries()) {
        const sum = sums[text] as TextScore;
        sum.tokens += tokens.length - from;
        sum.nll += surprises[row] ?? NaN;
      }
    }
    return sums.map(({ tokens, nll }) => ({ tokens, nll, perplexity: tokens === 0 ? null : Math.exp(nll / tokens) }));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  #windowsOf({ texts, maximumTokens = Infinity, window, overlap = 0 }: ScoreRequest, index: number): ScoringWindow[] {
    const { text = '', after } = texts[index] ?? {};
    const size = Math.min(WINDOW_TOKENS, this.#config.context, window ?? Infinity);
    const options = { text: index, begin: this.#config.begin, size, overlap };
    const ids = this.#tokenizer.encode(text.slice(0, maximumTokens * CHARACTERS_PER_TOKEN)).slice(0, maximumTokens);
    if (after === undefined) return slidingWindows(ids, options);
    return windowAfter(this.#tokenizer.encode(after.slice(-size * CHARACTERS_PER_TOKEN)), ids, options);
  }

  /** The sum of each row. */
  async #run(batch: ScoringWindow[]): Promise<number[]> {
    const { Tensor } = onnxRuntime();
    const length = Math.max(...batch.map(({ tokens }) => tokens.length));
    const dims = [batch.length, length];
    const fill = (valueOf: (row: number[], index: number) => number): OnnxTensor =>
      new Tensor('int64', BigInt64Array.from(batch.flatMap(({ tokens }) => Array.from({ length }, (_, index) => BigInt(valueOf(tokens, index))))), dims);
    const makers: Record<string, () => OnnxTensor> = {
      // Attention looks back only: what fills a row up changes nothing before it.
      input_ids: () => fill((row, index) => row[index] ?? 0),
      attention_mask: () => fill((row, index) => (index < row.length ? 1 : 0)),
      position_ids: () => fill((_, index) => index),
    };
    const feeds = Object.fromEntries(this.#session.inputNames.map((name) => [name, makers[name]?.() as OnnxTensor]));
    // Graphs may give keys and values as well, which are large.
    const results = await this.#session.run(feeds, [this.#output]);
    const output = results[this.#output] as OnnxTensor;
    if (output.type !== 'float32') throw new LocalModelError(`its graph gives ${this.#output} as ${output.type}; only float32 is understood`);
    const numbers = output.data as Float32Array;
    if (this.#output === 'nll') return batch.map(({ tokens, from }, row) => sumOf(numbers.subarray(row * (length - 1) + from - 1, row * (length - 1) + tokens.length - 1)));
    const vocabulary = output.dims[2] ?? 0;
    return batch.map(({ tokens, from }, row) =>
      sumOf(tokens.slice(from).map((token, place) => surprise(numbers.subarray((row * length + from - 1 + place) * vocabulary, (row * length + from + place) * vocabulary), token))),
    );
  }
}

/** The negative natural logarithm of the softmax of the scores at `token`. */
function surprise(scores: Float32Array, token: number): number {
  let highest = -Infinity;
  for (const score of scores) if (score > highest) highest = score;
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - highest);
  return highest + Math.log(sum) - (scores[token] ?? NaN);
}

function sumOf(numbers: Float32Array | number[]): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
