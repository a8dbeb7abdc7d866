export interface ReservoirOptions {
  /** Items to keep at most. */
  size: number;
  /** A number in [0, 1) for the n-th item, from 0. */
  random: (position: number) => number;
}

/** A uniform sample of a stream whose length nobody knows (Vitter 1985, algorithm R). */
export class Reservoir<Item> {
  readonly #options: ReservoirOptions;
  readonly #items: { position: number; item: Item }[] = [];
  #seen = 0;

  constructor(options: ReservoirOptions) {
    this.#options = options;
  }

  /** `make` is asked only where the item is taken. */
  offer(make: () => Item): void {
    const { size, random } = this.#options;
    const position = this.#seen;
    this.#seen += 1;
    const place = position < size ? position : Math.floor(random(position) * (position + 1));
    if (place < size) this.#items[place] = { position, item: make() };
  }

  /** Items that were offered. */
  get seen(): number {
    return this.#seen;
  }

  /** In the order in which they came. */
  items(): Item[] {
    return [...this.#items].sort((left, right) => left.position - right.position).map(({ item }) => item);
  }
}
