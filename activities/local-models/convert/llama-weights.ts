import { LocalModelError } from '../local-model-error.ts';
import { dequantise } from './dequantise.ts';
import { BLOCK, toEightBitBlocks, ZERO_POINT, type EightBitBlocks } from './eight-bit-blocks.ts';
import type { GgufFile, GgufTensor } from './gguf-file.ts';
import type { LlamaShape } from './llama-shape.ts';
import { MICROSOFT, ONNX_TYPES, type OnnxGraph } from './onnx-graph.ts';
import type { StoredTensor, WeightsFile } from './weights-file.ts';

/** Eight bits in blocks of 32, or float32, which is four times as large and exact. */
export type WeightPrecision = 'eight-bit' | 'float32';

export interface LlamaWeightsOptions {
  gguf: GgufFile;
  shape: LlamaShape;
  file: WeightsFile;
  precision: WeightPrecision;
}

/** Activations are rounded to eight bits, too: the fast kernels on every CPU. */
const INTEGER_ACCURACY = 4;

/** Puts the weights of a GGUF file into graphs, with the operators that multiply by them. */
export class LlamaWeights {
  readonly #gguf: GgufFile;
  readonly #shape: LlamaShape;
  readonly #file: WeightsFile;
  readonly #precision: WeightPrecision;

  constructor({ gguf, shape, file, precision }: LlamaWeightsOptions) {
    this.#gguf = gguf;
    this.#shape = shape;
    this.#file = file;
    this.#precision = precision;
  }

  /** The factors of a norm, of the hidden size. */
  norm(graph: OnnxGraph, name: string): string {
    const tensor = this.#tensor(name, [this.#shape.hidden]);
    return graph.weights(this.#file.store(name, () => ({ dims: [tensor.elements], data: dequantise(this.#gguf, tensor) })));
  }

  /** `x` times the transposed matrix of that name, plus its bias if it has one. */
  linear(graph: OnnxGraph, x: string, { name, from, to }: { name: string; from: number; to: number }): string {
    const product = this.#multiply(graph, x, this.#tensor(`${name}.weight`, [from, to]));
    if (!this.#gguf.tensors.has(`${name}.bias`)) return product;
    const bias = this.#tensor(`${name}.bias`, [to]);
    const stored = this.#file.store(bias.name, () => ({ dims: [to], data: dequantise(this.#gguf, bias) }));
    return graph.node({ operator: 'Add', inputs: [product, graph.weights(stored)] });
  }

  /** The vectors of tokens: `[batch, length]` becomes `[batch, length, hidden]`. */
  embedding(graph: OnnxGraph, ids: string): string {
    const { hidden, vocabulary } = this.#shape;
    const table = this.#tensor('token_embd.weight', [hidden, vocabulary]);
    if (this.#precision === 'float32') {
      const stored = this.#file.store(table.name, () => ({ dims: [vocabulary, hidden], data: dequantise(this.#gguf, table) }));
      return graph.node({ operator: 'Gather', inputs: [graph.weights(stored), ids], attributes: { axis: 0 } });
    }
    const { values, scales } = this.#blocks(table);
    const bytes = graph.node({ operator: 'Gather', inputs: [graph.weights(values), ids], attributes: { axis: 0 } });
    const steps = graph.node({ operator: 'Cast', inputs: [bytes], attributes: { to: ONNX_TYPES.float32 } });
    const centred = graph.node({ operator: 'Sub', inputs: [steps, graph.scalar(ZERO_POINT)] });
    const rows = graph.node({ operator: 'Reshape', inputs: [graph.weights(scales), graph.integers([vocabulary, hidden / BLOCK, 1])] });
    const factors = graph.node({ operator: 'Gather', inputs: [rows, ids], attributes: { axis: 0 } });
    const vectors = graph.node({ operator: 'Mul', inputs: [centred, factors] });
    return graph.node({ operator: 'Reshape', inputs: [vectors, graph.integers([0, 0, hidden])] });
  }

  /** Scores of all tokens. Without a matrix of its own, the head is the table of tokens. */
  head(graph: OnnxGraph, x: string): string {
    const name = this.#gguf.tensors.has('output.weight') ? 'output.weight' : 'token_embd.weight';
    return this.#multiply(graph, x, this.#tensor(name, [this.#shape.hidden, this.#shape.vocabulary]));
  }

  /** Cosines and sines of the rotations, `[context, headSize / 2]` each. */
  rotations(graph: OnnxGraph): { cosines: string; sines: string } {
    const { context, headSize, ropeBase } = this.#shape;
    const half = headSize / 2;
    const table = (wave: (angle: number) => number): Float32Array => {
      const numbers = new Float32Array(context * half);
      for (let position = 0; position < context; position++) {
        for (let pair = 0; pair < half; pair++) numbers[position * half + pair] = wave(position / ropeBase ** ((2 * pair) / headSize));
      }
      return numbers;
    };
    const store = (name: string, wave: (angle: number) => number): string =>
      graph.weights(this.#file.store(name, () => ({ dims: [context, half], data: table(wave) })));
    return { cosines: store('cosines', Math.cos), sines: store('sines', Math.sin) };
  }

  #multiply(graph: OnnxGraph, x: string, tensor: GgufTensor): string {
    const [from = 0, to = 0] = tensor.dims;
    if (this.#precision === 'float32') {
      const stored = this.#file.store(`${tensor.name}.transposed`, () => ({ dims: [from, to], data: transposed(dequantise(this.#gguf, tensor), from, to) }));
      return graph.node({ operator: 'MatMul', inputs: [x, graph.weights(stored)] });
    }
    const { values, scales } = this.#blocks(tensor);
    const attributes = { K: from, N: to, bits: 8, block_size: BLOCK, accuracy_level: INTEGER_ACCURACY };
    return graph.node({ operator: 'MatMulNBits', inputs: [x, graph.weights(values), graph.weights(scales)], attributes, domain: MICROSOFT });
  }

  #blocks(tensor: GgufTensor): { values: StoredTensor; scales: StoredTensor } {
    const [from = 0, to = 0] = tensor.dims;
    if (from % BLOCK !== 0) throw new LocalModelError(`rows of the tensor ${tensor.name} have ${from} numbers, which is no multiple of ${BLOCK}`);
    let blocks: EightBitBlocks | null = null;
    const make = (): EightBitBlocks => (blocks ??= toEightBitBlocks(dequantise(this.#gguf, tensor)));
    return {
      values: this.#file.store(tensor.name, () => ({ dims: [to, from / BLOCK, BLOCK], data: make().values })),
      scales: this.#file.store(`${tensor.name}.scales`, () => ({ dims: [to * (from / BLOCK)], data: make().scales })),
    };
  }

  #tensor(name: string, dims: number[]): GgufTensor {
    const tensor = this.#gguf.tensors.get(name);
    if (tensor === undefined) throw new LocalModelError(`the GGUF file has no tensor ${name}`);
    if (tensor.dims.join() !== dims.join()) throw new LocalModelError(`the tensor ${name} has the shape [${tensor.dims.join(', ')}], not [${dims.join(', ')}]`);
    return tensor;
  }
}

function transposed(matrix: Float32Array, columns: number, rows: number): Float32Array {
  const turned = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = matrix[row * columns + column] as number;
  }
  return turned;
}
