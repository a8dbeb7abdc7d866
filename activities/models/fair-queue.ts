/** Items of several runs: first come, first served within a run; the runs take turns. */
export class FairQueue<Item> {
  /** In the order of their next turn. A Map keeps the order in which keys were set. */
  readonly #runs = new Map<string, RunQueue<Item>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Goes to the end of its run's queue. */
  push(run: string, item: Item): void {
    let queue = this.#runs.get(run);
    if (queue === undefined) {
      queue = new RunQueue();
      this.#runs.set(run, queue);
    }
    queue.push(item);
    this.#size++;
  }

  /** Takes the first item of the next run for which `isAllowed` holds; undefined: there is none. */
  take(isAllowed: (item: Item) => boolean): Item | undefined {
    for (const [run, queue] of this.#runs) {
      const item = queue.first();
      if (item === undefined || !isAllowed(item)) continue;
      queue.drop();
      this.#size--;
      this.#runs.delete(run);
      if (queue.first() !== undefined) this.#runs.set(run, queue);
      return item;
    }
    return undefined;
  }

  /** Takes out whatever matches; linear in the queue's length. */
  remove(matches: (item: Item) => boolean): Item[] {
    const removed: Item[] = [];
    for (const [run, queue] of this.#runs) {
      removed.push(...queue.remove(matches));
      if (queue.first() === undefined) this.#runs.delete(run);
    }
    this.#size -= removed.length;
    return removed;
  }
}

/** An array whose taken front is cut off now and then: shifting a long array costs its length each time. */
class RunQueue<Item> {
  #items: Item[] = [];
  #head = 0;

  push(item: Item): void {
    this.#items.push(item);
  }

  first(): Item | undefined {
    return this.#items[this.#head];
  }

  drop(): void {
    this.#head++;
    if (this.#head < 1024) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  remove(matches: (item: Item) => boolean): Item[] {
    const removed: Item[] = [];
    const kept: Item[] = [];
    for (let index = this.#head; index < this.#items.length; index++) {
      const item = this.#items[index] as Item;
      (matches(item) ? removed : kept).push(item);
    }
    this.#items = kept;
    this.#head = 0;
    return removed;
  }
}
