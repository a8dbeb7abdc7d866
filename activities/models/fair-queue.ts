/** Items of several runs: first come, first served within a run; the runs of one priority take turns, those of a smaller number come first. */
export class FairQueue<Item> {
  /** In the order of their next turn. A Map keeps the order in which keys were set. */
  readonly #runs = new Map<string, RunQueue<Item>>();
  readonly #priorityOf: (run: string) => number;
  #size = 0;

  /** Default: all runs are alike. */
  constructor(priorityOf: (run: string) => number = () => 0) {
    this.#priorityOf = priorityOf;
  }

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

  /** Takes the first item of the next run of the best priority for which `isAllowed` holds; undefined: there is none. */
  take(isAllowed: (item: Item) => boolean): Item | undefined {
    let best: { run: string; queue: RunQueue<Item>; item: Item; priority: number } | undefined;
    for (const [run, queue] of this.#runs) {
      const item = queue.first();
      const priority = this.#priorityOf(run);
      if (item === undefined || (best !== undefined && best.priority <= priority) || !isAllowed(item)) continue;
      best = { run, queue, item, priority };
    }
    if (best === undefined) return undefined;
    const { run, queue, item } = best;
    queue.drop();
    this.#size--;
    this.#runs.delete(run);
    if (queue.first() !== undefined) this.#runs.set(run, queue);
    return item;
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
