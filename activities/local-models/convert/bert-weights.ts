import type { BertShape } from './bert-shape.ts';
import { ZERO_POINT, type EightBitBlocks } from './eight-bit-blocks.ts';
import { assertShape, joined, MatrixWeights, type WeightPrecision } from './matrix-weights.ts';
import { ONNX_TYPES, type OnnxGraph } from './onnx-graph.ts';
import type { SafetensorsFile } from './safetensors-file.ts';
import type { WeightsFile } from './weights-file.ts';

export interface BertWeightsOptions {
  tensors: SafetensorsFile;
  shape: BertShape;
  file: WeightsFile;
  precision: WeightPrecision;
}

/** Numbers that share a scale: a fifth faster than 32, and near enough. */
const BLOCK = 128;

/** Puts the weights of a BERT model into a graph, with the operators that multiply by them. */
export class BertWeights {
  readonly #tensors: SafetensorsFile;
  readonly #shape: BertShape;
  readonly #file: WeightsFile;
  readonly #matrices: MatrixWeights;

  constructor({ tensors, shape, file, precision }: BertWeightsOptions) {
    this.#tensors = tensors;
    this.#shape = shape;
    this.#file = file;
    this.#matrices = new MatrixWeights({ file, precision, block: BLOCK, round: (numbers) => toEightBits(numbers, BLOCK) });
  }

  /** Factors and offsets of a norm. */
  norm(graph: OnnxGraph, name: string): [string, string] {
    return [this.#vector(graph, `${name}.weight`, this.#shape.hidden), this.#vector(graph, `${name}.bias`, this.#shape.hidden)];
  }

  /**
   * `x` times the transposed matrices of these names side by side, plus their biases. With eight bits, blocks have scales of their
   * own, in weights and in `x`. One scale for all of `x` would be twice as fast, but brings cosines to float32 down to 0.97 and has
   * a text's vector depend on the texts beside it.
   */
  linear(graph: OnnxGraph, x: string, { names, from, to }: { names: string[]; from: number; to: number }): string {
    const parts = (what: string, dims: number[]): Float32Array => joined(names.map((name) => this.#read(`${name}.${what}`, dims)));
    return this.#matrices.multiply(graph, x, {
      name: names.join('+'),
      from,
      to: names.length * to,
      rows: () => parts('weight', [to, from]),
      bias: () => parts('bias', [to]),
    });
  }

  /** The vectors of tokens: `[batch, length]` becomes `[batch, length, hidden]`. */
  words(graph: OnnxGraph, ids: string): string {
    const { hidden, vocabulary } = this.#shape;
    const name = 'embeddings.word_embeddings.weight';
    const rows = (): Float32Array => this.#read(name, [vocabulary, hidden]);
    const gather = (table: string): string => graph.node({ operator: 'Gather', inputs: [table, ids], attributes: { axis: 0 } });
    if (this.#matrices.isExact) return gather(this.#matrices.plain(graph, name, { dims: [vocabulary, hidden], make: rows }));
    let made: EightBitBlocks | null = null;
    const make = (): EightBitBlocks => (made ??= toEightBits(rows(), hidden));
    const bytes = gather(graph.weights(this.#file.store(name, () => ({ dims: [vocabulary, hidden], data: make().values }))));
    const scales = gather(graph.weights(this.#file.store(`${name}.scales`, () => ({ dims: [vocabulary, 1], data: make().scales }))));
    const steps = graph.node({ operator: 'Cast', inputs: [bytes], attributes: { to: ONNX_TYPES.float32 } });
    return graph.node({ operator: 'Mul', inputs: [graph.node({ operator: 'Sub', inputs: [steps, graph.scalar(ZERO_POINT)] }), scales] });
  }

  /** What is added to a token by its place, `[positions, hidden]`, the vector of the first kind of segment with it. */
  places(graph: OnnxGraph): string {
    const { hidden, positions } = this.#shape;
    const make = (): Float32Array => {
      const table = this.#read('embeddings.position_embeddings.weight', [positions, hidden]);
      const { values } = this.#tensors.float32('embeddings.token_type_embeddings.weight');
      return table.map((value, index) => value + (values[index % hidden] ?? 0));
    };
    return this.#matrices.plain(graph, 'places', { dims: [positions, hidden], make });
  }

  #vector(graph: OnnxGraph, name: string, size: number): string {
    return this.#matrices.plain(graph, name, { dims: [size], make: () => this.#read(name, [size]) });
  }

  #read(name: string, dims: number[]): Float32Array<ArrayBuffer> {
    const tensor = this.#tensors.float32(name);
    assertShape(name, tensor.dims, dims);
    return tensor.values;
  }
}

/** Rounds each block of `size` numbers to 255 steps around zero, as wide as its largest number asks for. */
function toEightBits(numbers: Float32Array, size: number): EightBitBlocks {
  const values = new Uint8Array(numbers.length);
  const scales = new Float32Array(numbers.length / size);
  for (let block = 0; block < scales.length; block++) {
    const own = numbers.subarray(block * size, (block + 1) * size);
    const largest = own.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
    const scale = largest === 0 ? 1 : largest / 127;
    scales[block] = scale;
    for (let index = 0; index < size; index++) values[block * size + index] = Math.round((own[index] as number) / scale) + ZERO_POINT;
  }
  return { values, scales };
}
