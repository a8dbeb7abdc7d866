import { LocalModelError } from '../local-model-error.ts';
import { dequantise } from './dequantise.ts';
import { BLOCK, toEightBitBlocks, ZERO_POINT } from './eight-bit-blocks.ts';
import type { GgufFile, GgufTensor } from './gguf-file.ts';
import type { LlamaShape } from './llama-shape.ts';
import { assertShape, joined, MatrixWeights, type Matrix, type WeightPrecision } from './matrix-weights.ts';
import { ONNX_TYPES, type OnnxGraph } from './onnx-graph.ts';
import type { WeightsFile } from './weights-file.ts';

export interface LlamaWeightsOptions {
  gguf: GgufFile;
  shape: LlamaShape;
  file: WeightsFile;
  precision: WeightPrecision;
}

/** Puts the weights of a GGUF file into graphs, with the operators that multiply by them. */
export class LlamaWeights {
  readonly #gguf: GgufFile;
  readonly #shape: LlamaShape;
  readonly #matrices: MatrixWeights;

  constructor({ gguf, shape, file, precision }: LlamaWeightsOptions) {
    this.#gguf = gguf;
    this.#shape = shape;
    this.#matrices = new MatrixWeights({ file, precision, block: BLOCK, round: toEightBitBlocks });
  }

  /** The factors of a norm, of the hidden size. */
  norm(graph: OnnxGraph, name: string): string {
    const dims = [this.#shape.hidden];
    return this.#matrices.plain(graph, name, { dims, make: () => this.#read(name, dims) });
  }

  /**
   * `x` times the transposed matrices of these names side by side, plus the biases of those that have one. One product is
   * faster than several.
   */
  linear(graph: OnnxGraph, x: string, { from, parts }: { from: number; parts: { name: string; to: number }[] }): string {
    const hasBias = ({ name }: { name: string }): boolean => this.#gguf.tensors.has(`${name}.bias`);
    return this.#matrices.multiply(graph, x, {
      name: parts.map(({ name }) => name).join('+'),
      from,
      to: parts.reduce((sum, { to }) => sum + to, 0),
      rows: () => joined(parts.map(({ name, to }) => this.#read(`${name}.weight`, [from, to]))),
      bias: parts.some(hasBias) ? () => joined(parts.map((part) => (hasBias(part) ? this.#read(`${part.name}.bias`, [part.to]) : new Float32Array(part.to)))) : null,
    });
  }

  /** The vectors of tokens: `[batch, length]` becomes `[batch, length, hidden]`. */
  embedding(graph: OnnxGraph, ids: string): string {
    const { hidden, vocabulary } = this.#shape;
    const table = this.#table('token_embd.weight');
    if (this.#matrices.isExact) {
      const rows = this.#matrices.plain(graph, table.name, { dims: [vocabulary, hidden], make: table.rows });
      return graph.node({ operator: 'Gather', inputs: [rows, ids], attributes: { axis: 0 } });
    }
    const { values, scales } = this.#matrices.blocks(table);
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
    return this.#matrices.multiply(graph, x, this.#table(this.#gguf.tensors.has('output.weight') ? 'output.weight' : 'token_embd.weight'));
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
    const store = (name: string, wave: (angle: number) => number): string => this.#matrices.plain(graph, name, { dims: [context, half], make: () => table(wave) });
    return { cosines: store('cosines', Math.cos), sines: store('sines', Math.sin) };
  }

  #table(name: string): Matrix {
    const { hidden, vocabulary } = this.#shape;
    return { name, from: hidden, to: vocabulary, rows: () => this.#read(name, [hidden, vocabulary]), bias: null };
  }

  #read(name: string, dims: number[]): Float32Array {
    const tensor: GgufTensor | undefined = this.#gguf.tensors.get(name);
    if (tensor === undefined) throw new LocalModelError(`the GGUF file has no tensor ${name}`);
    assertShape(name, tensor.dims, dims);
    return dequantise(this.#gguf, tensor);
  }
}
