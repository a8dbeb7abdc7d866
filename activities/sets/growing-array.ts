type Numbers = Int32Array | Uint32Array | Float64Array;

/** Numbers of a set whose size is known only at its end, without an object for each. */
export class GrowingArray<Array extends Numbers> {
  #values: Array;
  #length = 0;

  constructor(empty: new (length: number) => Array) {
    this.#values = new empty(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** Exactly as long as what was pushed; invalid after another push. */
  values(): Array {
    return this.#values.subarray(0, this.#length) as Array;
  }

  #grow(): void {
    const Type = this.#values.constructor as new (length: number) => Array;
    const larger = new Type(this.#values.length * 2);
    larger.set(this.#values);
    this.#values = larger;
  }
}
