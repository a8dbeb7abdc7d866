import { LocalModelError } from '../local-model-error.ts';
import type { EightBitBlocks } from './eight-bit-blocks.ts';
import { MICROSOFT, type OnnxGraph } from './onnx-graph.ts';
import type { StoredTensor, WeightsFile } from './weights-file.ts';

/** Eight bits in blocks, or float32, which is four times as large and exact. */
export type WeightPrecision = 'eight-bit' | 'float32';

export interface MatrixWeightsOptions {
  file: WeightsFile;
  precision: WeightPrecision;
  /** Numbers of a row that share a scale. */
  block: number;
  /** Rounds numbers, `block` at a time. */
  round: (numbers: Float32Array) => EightBitBlocks;
}

/** A matrix by its rows, one for each number that comes out. */
export interface Matrix {
  name: string;
  from: number;
  to: number;
  rows: () => Float32Array;
  /** null: none. */
  bias: (() => Float32Array) | null;
}

/** Activations are rounded to eight bits, too: the fast kernels on every CPU. */
const INTEGER_ACCURACY = 4;

/** Puts matrices and vectors into graphs and their file, with the operators that multiply by them. */
export class MatrixWeights {
  readonly #options: MatrixWeightsOptions;

  constructor(options: MatrixWeightsOptions) {
    this.#options = options;
  }

  get isExact(): boolean {
    return this.#options.precision === 'float32';
  }

  /** A tensor of float32 as it is. */
  plain(graph: OnnxGraph, name: string, { dims, make }: { dims: number[]; make: () => Float32Array }): string {
    return graph.weights(this.#options.file.store(name, () => ({ dims, data: make() })));
  }

  /** `x` times the transposed matrix, plus its bias. */
  multiply(graph: OnnxGraph, x: string, { name, from, to, rows, bias }: Matrix): string {
    const offsets = bias === null ? null : this.plain(graph, `${name}.bias`, { dims: [to], make: bias });
    if (this.isExact) {
      const matrix = this.plain(graph, `${name}.transposed`, { dims: [from, to], make: () => transposed(rows(), { columns: from, rows: to }) });
      const product = graph.node({ operator: 'MatMul', inputs: [x, matrix] });
      return offsets === null ? product : graph.node({ operator: 'Add', inputs: [product, offsets] });
    }
    const { values, scales } = this.blocks({ name, from, to, rows });
    const attributes = { K: from, N: to, bits: 8, block_size: this.#options.block, accuracy_level: INTEGER_ACCURACY };
    const inputs = [x, graph.weights(values), graph.weights(scales), ...(offsets === null ? [] : ['', '', offsets])];
    return graph.node({ operator: 'MatMulNBits', inputs, attributes, domain: MICROSOFT });
  }

  /** The matrix in eight bits: `[to, blocks, block]`, and a scale for each block. */
  blocks({ name, from, to, rows }: Omit<Matrix, 'bias'>): { values: StoredTensor; scales: StoredTensor } {
    const { file, block, round } = this.#options;
    if (from % block !== 0) throw new LocalModelError(`rows of ${name} have ${from} numbers, which is no multiple of ${block}`);
    let made: EightBitBlocks | null = null;
    const make = (): EightBitBlocks => (made ??= round(rows()));
    return {
      values: file.store(name, () => ({ dims: [to, from / block, block], data: make().values })),
      scales: file.store(`${name}.scales`, () => ({ dims: [to * (from / block)], data: make().scales })),
    };
  }
}

/** @throws LocalModelError where a tensor has another shape than its model says */
export function assertShape(name: string, dims: readonly number[], wanted: readonly number[]): void {
  if (dims.join() !== wanted.join()) throw new LocalModelError(`the tensor ${name} has the shape [${dims.join(', ')}], not [${wanted.join(', ')}]`);
}

/** Numbers one part after another. */
export function joined(parts: Float32Array[]): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

function transposed(matrix: Float32Array, { columns, rows }: { columns: number; rows: number }): Float32Array {
  const turned = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = matrix[row * columns + column] as number;
  }
  return turned;
}
