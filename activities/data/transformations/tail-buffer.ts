/** Holds the last `size` items of a stream back, so that they can be judged when its end is known. */
export class TailBuffer<T> {
  readonly #size: number;
  #items: T[] = [];
  #head = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Takes an item and gives back the one that is no longer among the last, if there is one. */
  push(item: T): T | undefined {
    this.#items.push(item);
    if (this.#items.length - this.#head <= this.#size) return undefined;
    const oldest = this.#items[this.#head] as T;
    this.#head += 1;
    // Cut off what has been given back only now and then: doing it each time would move all items.
    if (this.#head > this.#size + 1024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return oldest;
  }

  /** What is still held, oldest first. */
  rest(): T[] {
    return this.#items.slice(this.#head);
  }
}
