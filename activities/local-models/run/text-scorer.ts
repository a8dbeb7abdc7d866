import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { LocalModelError } from '../local-model-error.ts';
import { LocalTokenizer } from '../local-tokenizer.ts';
import { graphPath, readModelConfig, type ModelConfig } from './model-config.ts';
import type { TextScore } from './model-protocol.ts';
import { onnxRuntime, openSession } from './onnx-runtime.ts';

/** Tokens of a batch, its filling included: more take more memory, and are no faster. */
const BATCH_TOKENS = 1024;

interface Window {
  text: number;
  tokens: number[];
}

/**
 * Says how surprising texts are. The graph takes `input_ids` and gives either `nll` (see `scoringGraph`) or `logits`, as
 * models exported from transformers do. Texts that are longer than the batch or the context are scored in windows that
 * follow each other; the first token of a window is what the next are seen after, or the token that begins texts.
 */
export class TextScorer {
  readonly #tokenizer: LocalTokenizer;
  readonly #session: InferenceSession;
  readonly #config: ModelConfig;

  private constructor(tokenizer: LocalTokenizer, session: InferenceSession, config: ModelConfig) {
    this.#tokenizer = tokenizer;
    this.#session = session;
    this.#config = config;
  }

  /** @throws LocalModelError */
  static async open(folder: string): Promise<TextScorer> {
    const path = graphPath(folder, 'scoring');
    const config = readModelConfig(folder);
    const tokenizer = new LocalTokenizer(folder);
    const session = await openSession(path);
    const unknown = session.inputNames.filter((name) => !['input_ids', 'attention_mask', 'position_ids'].includes(name));
    if (unknown.length > 0) throw new LocalModelError(`${path} wants ${unknown.join(', ')}, which is not known here`);
    if (!session.outputNames.some((name) => name === 'nll' || name === 'logits')) throw new LocalModelError(`${path} gives neither nll nor logits`);
    return new TextScorer(tokenizer, session, config);
  }

  /** In the order of the texts. */
  async score(texts: string[], signal: AbortSignal): Promise<TextScore[]> {
    const sums = texts.map(() => ({ tokens: 0, nll: 0 }));
    // Windows of like length share a batch, so that little of it is filling.
    const windows = texts.flatMap((text, index) => this.#windowsOf(text, index)).sort((one, other) => one.tokens.length - other.tokens.length);
    while (windows.length > 0) {
      signal.throwIfAborted();
      const longest = windows.at(-1)?.tokens.length ?? 1;
      const batch = windows.splice(-Math.max(1, Math.floor(BATCH_TOKENS / longest)));
      for (const [row, nll] of (await this.#run(batch.map(({ tokens }) => tokens))).entries()) {
        const { text, tokens } = batch[row] as Window;
        const sum = sums[text] as TextScore;
        sum.tokens += tokens.length - 1;
        sum.nll += nll;
      }
    }
    return sums.map(({ tokens, nll }) => ({ tokens, nll, perplexity: tokens === 0 ? null : Math.exp(nll / tokens) }));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  #windowsOf(text: string, index: number): Window[] {
    const { begin, context } = this.#config;
    const ids = this.#tokenizer.encode(text);
    if (begin !== null) ids.unshift(begin);
    const windows: Window[] = [];
    // The last token of a window is the first of the next, so that each but the very first is scored once.
    const step = Math.min(BATCH_TOKENS, context) - 1;
    for (let start = 0; start + 1 < ids.length; start += step) windows.push({ text: index, tokens: ids.slice(start, start + step + 1) });
    return windows;
  }

  /** The sum of each row. */
  async #run(rows: number[][]): Promise<number[]> {
    const { Tensor } = onnxRuntime();
    const length = Math.max(...rows.map((row) => row.length));
    const dims = [rows.length, length];
    const fill = (valueOf: (row: number[], index: number) => number): OnnxTensor =>
      new Tensor('int64', BigInt64Array.from(rows.flatMap((row) => Array.from({ length }, (_, index) => BigInt(valueOf(row, index))))), dims);
    const makers: Record<string, () => OnnxTensor> = {
      // Attention looks back only: what fills a row up changes nothing before it.
      input_ids: () => fill((row, index) => row[index] ?? 0),
      attention_mask: () => fill((row, index) => (index < row.length ? 1 : 0)),
      position_ids: () => fill((_, index) => index),
    };
    const results = await this.#session.run(Object.fromEntries(this.#session.inputNames.map((name) => [name, makers[name]?.() as OnnxTensor])));
    const nll = results.nll?.data as Float32Array | undefined;
    if (nll !== undefined) return rows.map((row, index) => sumOf(nll.subarray(index * (length - 1), index * (length - 1) + row.length - 1)));
    const logits = results.logits as OnnxTensor;
    const vocabulary = logits.dims[2] ?? 0;
    return rows.map((row, index) =>
      sumOf(row.slice(1).map((token, place) => surprise((logits.data as Float32Array).subarray((index * length + place) * vocabulary, (index * length + place + 1) * vocabulary), token))),
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
