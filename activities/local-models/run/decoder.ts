import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { CacheShape, CacheTensor, KeyValueCache } from './key-value-cache.ts';
import { onnxRuntime, openSession } from './onnx-runtime.ts';

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
  readonly #shape: CacheShape;
  readonly #names: string[];

  private constructor(session: InferenceSession, shape: CacheShape) {
    this.#session = session;
    this.#shape = shape;
    this.#names = Array.from({ length: shape.layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  }

  static async open(path: string, shape: CacheShape): Promise<Decoder> {
    return new Decoder(await openSession(path), shape);
  }

  /** Reads a prompt as a new row of the cache; the scores of what comes after. */
  async begin(prompt: number[], cache: KeyValueCache): Promise<Float32Array> {
    const { heads, headSize } = this.#shape;
    const empty: CacheTensor = { data: new Float32Array(0), dims: [1, heads, 0, headSize] };
    const { logits, fresh } = await this.#run({ tokens: [prompt], lengths: [0], past: this.#names.map(() => empty) });
    cache.addRow();
    cache.append([cache.rows - 1], prompt.length, fresh);
    return logits;
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
