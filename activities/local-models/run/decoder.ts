import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { CacheShape, CacheTensor, KeyValueCache } from './key-value-cache.ts';
import { onnxRuntime, openSession } from './onnx-runtime.ts';

/** Tokens of a prompt that are read at once: attention over a long prompt in one go would take gigabytes. */
const PROMPT_TOKENS = 128;

interface DecoderInput {
  /** One list for each row, all equally long. */
  tokens: number[][];
  /** Tokens that each row has had before. */
  lengths: number[];
  past: CacheTensor[];
}

/** The decoding graph of a model: see `decodingGraph` for its inputs and outputs. */
export class Decoder {
  readonly #session: InferenceSession;
  readonly #nothing: CacheTensor;
  readonly #names: string[];

  private constructor(session: InferenceSession, shape: CacheShape) {
    this.#session = session;
    this.#nothing = { data: new Float32Array(0), dims: [1, shape.heads, 0, shape.headSize] };
    this.#names = Array.from({ length: shape.layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  }

  static async open(path: string, shape: CacheShape): Promise<Decoder> {
    return new Decoder(await openSession(path), shape);
  }

  /** Reads a prompt as a new row of the cache; the scores of what comes after. */
  async begin(prompt: number[], cache: KeyValueCache): Promise<Float32Array> {
    cache.addRow();
    const row = cache.rows - 1;
    let scores: Float32Array = new Float32Array(0);
    for (let start = 0; start < prompt.length; start += PROMPT_TOKENS) {
      const tokens = prompt.slice(start, start + PROMPT_TOKENS);
      if (start > 0) cache.reserve(start + tokens.length);
      const past = start === 0 ? this.#names.map(() => this.#nothing) : cache.tensors(row, 1);
      const { logits, fresh } = await this.#run({ tokens: [tokens], lengths: [start], past });
      cache.append([row], tokens.length, fresh);
      scores = logits;
    }
    return scores;
  }

  /** Reads the next token of each row of the cache; the scores of what comes after, for each row. */
  async goOn(tokens: number[], cache: KeyValueCache): Promise<Float32Array[]> {
    // The runtime puts the new keys behind the old ones in a copy of its own, which must have room.
    cache.reserve(cache.longest + 1);
    const { logits, fresh } = await this.#run({ tokens: tokens.map((token) => [token]), lengths: cache.lengths, past: cache.tensors() });
    cache.append([...tokens.keys()], 1, fresh);
    const vocabulary = logits.length / tokens.length;
    return tokens.map((_, row) => logits.subarray(row * vocabulary, (row + 1) * vocabulary));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  async #run({ tokens, lengths, past }: DecoderInput): Promise<{ logits: Float32Array; fresh: Float32Array[] }> {
    const { Tensor } = onnxRuntime();
    const rows = tokens.length;
    const count = tokens[0]?.length ?? 0;
    const positions = lengths.flatMap((length) => Array.from({ length: count }, (_, index) => BigInt(length + index)));
    const feeds: Record<string, OnnxTensor> = {
      input_ids: new Tensor('int64', BigInt64Array.from(tokens.flat(), BigInt), [rows, count]),
      position_ids: new Tensor('int64', BigInt64Array.from(positions), [rows, count]),
      last_positions: new Tensor('int32', Int32Array.from(lengths, (length) => length + count - 1), [rows]),
      total_length: new Tensor('int32', Int32Array.of(Math.max(...lengths) + count), []),
    };
    for (const [index, { data, dims }] of past.entries()) feeds[`past.${this.#names[index]}`] = new Tensor('float32', data, dims);
    const results = await this.#session.run(feeds);
    return {
      logits: results.logits?.data as Float32Array,
      fresh: this.#names.map((name) => results[`fresh.${name}`]?.data as Float32Array),
    };
  }
}
