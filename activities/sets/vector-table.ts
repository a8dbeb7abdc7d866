import { SyngraphError } from '../../pipeline/errors.ts';

const CHUNK_VECTORS = 1024;

/** Larger sets would leave no memory for the rest of the worker. */
const MOST_BYTES = 2 * 1024 ** 3;

/** Vectors of one length by number, scaled to length 1, so that their dot product is their cosine. 4 bytes a dimension. */
export class VectorTable {
  readonly #chunks: Float32Array[] = [];
  readonly #known: boolean[] = [];
  #dimensions = 0;
  #bytes = 0;

  get dimensions(): number {
    return this.#dimensions;
  }

  has(number: number): boolean {
    return this.#known[number] === true;
  }

  /** @throws SyngraphError where the length is not that of the others, or the table would grow too large */
  set(number: number, vector: Float32Array): void {
    if (this.#dimensions === 0) this.#dimensions = vector.length;
    if (vector.length !== this.#dimensions || vector.length === 0) {
      throw new SyngraphError({
        code: 'MODEL_REJECTED',
        message: `the embedding model gave a vector of ${vector.length} numbers after one of ${this.#dimensions}`,
        nextStep: 'Check that all endpoints of this model serve the same one.',
      });
    }
    const place = number % CHUNK_VECTORS;
    const chunk = this.#chunk(Math.floor(number / CHUNK_VECTORS));
    const scale = 1 / (Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1);
    const base = place * this.#dimensions;
    for (let index = 0; index < vector.length; index += 1) chunk[base + index] = vector[index]! * scale;
    this.#known[number] = true;
  }

  get(number: number): Float32Array {
    const base = (number % CHUNK_VECTORS) * this.#dimensions;
    return this.#chunks[Math.floor(number / CHUNK_VECTORS)]!.subarray(base, base + this.#dimensions);
  }

  /** Cosine of a vector of the table with another. */
  cosine(vector: Float32Array, number: number): number {
    const chunk = this.#chunks[Math.floor(number / CHUNK_VECTORS)]!;
    const base = (number % CHUNK_VECTORS) * this.#dimensions;
    const end = vector.length - (vector.length % 4);
    // Four sums keep the processor from waiting for each addition.
    let [first, second, third, fourth] = [0, 0, 0, 0];
    for (let index = 0; index < end; index += 4) {
      first += vector[index]! * chunk[base + index]!;
      second += vector[index + 1]! * chunk[base + index + 1]!;
      third += vector[index + 2]! * chunk[base + index + 2]!;
      fourth += vector[index + 3]! * chunk[base + index + 3]!;
    }
    for (let index = end; index < vector.length; index += 1) first += vector[index]! * chunk[base + index]!;
    return first + second + third + fourth;
  }

  #chunk(number: number): Float32Array {
    const known = this.#chunks[number];
    if (known !== undefined) return known;
    this.#bytes += CHUNK_VECTORS * this.#dimensions * Float32Array.BYTES_PER_ELEMENT;
    if (this.#bytes > MOST_BYTES) {
      throw new SyngraphError({
        code: 'SET_TOO_LARGE',
        message: `the embeddings of this set need more than ${MOST_BYTES / 1024 ** 3} GB at ${this.#dimensions} numbers each`,
        nextStep: 'Take a model with shorter vectors, method: minhash, or scope: batch.',
      });
    }
    return (this.#chunks[number] = new Float32Array(CHUNK_VECTORS * this.#dimensions));
  }
}
