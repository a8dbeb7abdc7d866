import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { DEFAULT_EMBEDDING_MODEL } from '../../../pipeline/model-plan.ts';
import { LocalModelError } from '../local-model-error.ts';
import { LocalTokenizer, readJsonFile } from '../local-tokenizer.ts';
import { MODEL_FILES } from '../model-files.ts';
import { graphPath, readModelConfig } from './model-config.ts';
import type { TextVectors } from './model-protocol.ts';
import { onnxRuntime, openSession } from './onnx-runtime.ts';

/** Tokens of a batch, its filling included: more are no faster. */
const BATCH_TOKENS = 2048;
/** Characters of a token at most, on average: what stands behind the last token that counts is not even looked at. */
const CHARACTERS_PER_TOKEN = 64;
const OUTPUTS = ['sentence_embedding', 'last_hidden_state', 'token_embeddings'];

/**
 * Gives texts vectors of length 1. The graph takes `input_ids` and gives `sentence_embedding` (see `sentenceGraph`) or, as
 * models exported from transformers do, a vector for each token, whose mean is taken. Of a longer text only the first
 * tokens count, as many as the model's files say.
 */
export class TextEmbedder {
  readonly #tokenizer: LocalTokenizer;
  readonly #session: InferenceSession;
  readonly #maximumTokens: number;
  readonly #output: string;

  private constructor(tokenizer: LocalTokenizer, options: { session: InferenceSession; maximumTokens: number; output: string }) {
    this.#tokenizer = tokenizer;
    this.#session = options.session;
    this.#maximumTokens = options.maximumTokens;
    this.#output = options.output;
  }

  /** @throws LocalModelError */
  static async open(folder: string): Promise<TextEmbedder> {
    const path = graphPath(folder, 'scoring');
    const maximumTokens = maximumTokensOf(folder);
    const tokenizer = new LocalTokenizer(folder);
    const session = await openSession(path);
    const unknown = session.inputNames.filter((name) => !['input_ids', 'attention_mask', 'token_type_ids'].includes(name));
    if (unknown.length > 0) throw new LocalModelError(`${path} wants ${unknown.join(', ')}, which is not known here`);
    const output = OUTPUTS.find((name) => session.outputNames.includes(name));
    if (output === undefined) throw new LocalModelError(`${path} gives no vectors of texts: none of ${OUTPUTS.join(', ')}. Name a model that does, such as ${DEFAULT_EMBEDDING_MODEL}`);
    return new TextEmbedder(tokenizer, { session, maximumTokens, output });
  }

  /** In the order of the texts. */
  async embed(texts: string[], signal: AbortSignal): Promise<TextVectors> {
    const rows = texts.map((text, index) => ({ index, tokens: this.#tokensOf(text) }));
    const tokens = rows.reduce((sum, row) => sum + row.tokens.length, 0);
    const vectors: Float32Array[] = new Array<Float32Array>(texts.length);
    // Texts of like length share a batch, so that little of it is filling.
    rows.sort((one, other) => one.tokens.length - other.tokens.length);
    while (rows.length > 0) {
      signal.throwIfAborted();
      const longest = rows.at(-1)?.tokens.length ?? 1;
      const batch = rows.splice(-Math.max(1, Math.floor(BATCH_TOKENS / longest)));
      for (const [row, vector] of (await this.#run(batch.map((one) => one.tokens))).entries()) vectors[batch[row]!.index] = vector;
    }
    return { vectors, tokens };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  /** The token that ends a text stays where the text is cut. */
  #tokensOf(text: string): number[] {
    const tokens = this.#tokenizer.encodeWhole(text.slice(0, this.#maximumTokens * CHARACTERS_PER_TOKEN));
    if (tokens.length <= this.#maximumTokens) return tokens;
    return [...tokens.slice(0, this.#maximumTokens - 1), tokens.at(-1)!];
  }

  async #run(rows: number[][]): Promise<Float32Array[]> {
    const { Tensor } = onnxRuntime();
    const length = Math.max(1, ...rows.map((row) => row.length));
    const fill = (valueOf: (row: number[], index: number) => number): OnnxTensor => {
      const values = new BigInt64Array(rows.length * length);
      for (const [place, row] of rows.entries()) for (let index = 0; index < length; index += 1) values[place * length + index] = BigInt(valueOf(row, index));
      return new Tensor('int64', values, [rows.length, length]);
    };
    const makers: Record<string, () => OnnxTensor> = {
      input_ids: () => fill((row, index) => row[index] ?? 0),
      attention_mask: () => fill((row, index) => (index < row.length ? 1 : 0)),
      token_type_ids: () => fill(() => 0),
    };
    const results = await this.#session.run(Object.fromEntries(this.#session.inputNames.map((name) => [name, makers[name]?.() as OnnxTensor])));
    const { data, dims } = results[this.#output] as OnnxTensor;
    const size = dims.at(-1) ?? 0;
    const numbers = data as Float32Array;
    if (dims.length === 2) return rows.map((_, row) => toUnit(numbers.slice(row * size, (row + 1) * size)));
    return rows.map(({ length: tokens }, row) => toUnit(sumOf(numbers.subarray(row * length * size, (row * length + tokens) * size), size)));
  }
}

function maximumTokensOf(folder: string): number {
  const { context } = readModelConfig(folder);
  if (!existsSync(join(folder, MODEL_FILES.sentenceConfig))) return context;
  const { max_seq_length: maximum } = readJsonFile(join(folder, MODEL_FILES.sentenceConfig));
  return typeof maximum === 'number' && maximum >= 2 ? Math.min(maximum, context) : context;
}

function sumOf(numbers: Float32Array, size: number): Float32Array {
  const sum = new Float32Array(size);
  for (let index = 0; index < numbers.length; index += 1) sum[index % size]! += numbers[index]!;
  return sum;
}

function toUnit(vector: Float32Array): Float32Array {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square) || 1;
  return vector.map((value) => value / length);
}
