export interface CacheShape {
  layers: number;
  /** Heads of keys and values. */
  heads: number;
  headSize: number;
}

/** One tensor of a cache, as the graph takes it: `[rows, heads, capacity, headSize]`. */
export interface CacheTensor {
  data: Float32Array;
  dims: [number, number, number, number];
}

/** Tokens by which rows grow at once. */
const STEP = 64;

/**
 * Keys and values of all tokens so far, for rows of unequal length. The rows in use are the first ones, so that their
 * tensors are parts of the memory, and nothing is copied where rows come and go.
 */
export class KeyValueCache {
  readonly #shape: CacheShape;
  readonly #maximumRows: number;
  /** Keys and values of the layers, alternately. */
  #memory: Float32Array[] = [];
  #capacity = 0;
  /** Tokens of each row in use. */
  readonly lengths: number[] = [];

  constructor(shape: CacheShape, maximumRows: number) {
    this.#shape = shape;
    this.#maximumRows = maximumRows;
    this.#allocate(0);
  }

  get rows(): number {
    return this.lengths.length;
  }

  get longest(): number {
    return Math.max(0, ...this.lengths);
  }

  /** Of `count` rows from `first` on. Default: all. */
  tensors(first = 0, count = this.rows): CacheTensor[] {
    const { heads, headSize } = this.#shape;
    const row = heads * this.#capacity * headSize;
    return this.#memory.map((memory) => ({ data: memory.subarray(first * row, (first + count) * row), dims: [count, heads, this.#capacity, headSize] }));
  }

  addRow(): void {
    if (this.rows === this.#maximumRows) throw new Error('the cache is full');
    // An empty cache may have been long: short rows are read faster from a short one.
    if (this.rows === 0) this.#allocate(0);
    this.lengths.push(0);
  }

  /** Makes room for so many tokens in each row. */
  reserve(tokens: number): void {
    if (tokens > this.#capacity) this.#allocate(Math.ceil(tokens / STEP) * STEP);
  }

  /**
   * Appends the keys or values of new tokens to rows.
   * @param fresh by tensor: `[rows.length, count, heads × headSize]`
   */
  append(rows: number[], count: number, fresh: Float32Array[]): void {
    const { heads, headSize } = this.#shape;
    this.reserve(Math.max(...rows.map((row) => this.#lengthOf(row))) + count);
    for (const [index, memory] of this.#memory.entries()) {
      const from = fresh[index] as Float32Array;
      for (const [place, row] of rows.entries()) {
        for (let token = 0; token < count; token++) {
          for (let head = 0; head < heads; head++) {
            const start = ((place * count + token) * heads + head) * headSize;
            memory.set(from.subarray(start, start + headSize), this.#place(row, head) + (this.#lengthOf(row) + token) * headSize);
          }
        }
      }
    }
    for (const row of rows) this.lengths[row] = this.#lengthOf(row) + count;
  }

  /** Gives a row up; the last row takes its place. */
  removeRow(row: number): void {
    const last = this.rows - 1;
    const { heads, headSize } = this.#shape;
    const numbers = heads * this.#capacity * headSize;
    if (row !== last) {
      for (const memory of this.#memory) memory.copyWithin(row * numbers, last * numbers, (last + 1) * numbers);
      this.lengths[row] = this.#lengthOf(last);
    }
    this.lengths.pop();
  }

  #allocate(capacity: number): void {
    const { layers, heads, headSize } = this.#shape;
    const before = this.#memory;
    const old = this.#capacity * headSize;
    this.#capacity = capacity;
    this.#memory = Array.from({ length: 2 * layers }, (_, index) => {
      const memory = new Float32Array(this.#maximumRows * heads * capacity * headSize);
      for (let strip = 0; strip < this.rows * heads; strip++) {
        memory.set((before[index] as Float32Array).subarray(strip * old, (strip + 1) * old), strip * capacity * headSize);
      }
      return memory;
    });
  }

  #place(row: number, head: number): number {
    const { heads, headSize } = this.#shape;
    return (row * heads + head) * this.#capacity * headSize;
  }

  #lengthOf(row: number): number {
    return this.lengths[row] as number;
  }
}
