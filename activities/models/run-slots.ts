const DEFAULT_PRIORITY = 3;

/** What the runs of this worker may have over all its models: calls in flight, and whose come first. */
export class RunSlots {
  readonly #inFlight = new Map<string, number>();
  /** Set while the run goes; wins over what its calls were submitted with. */
  readonly #limits = new Map<string, number>();

  readonly #priorities = new Map<string, number>();

  /** 1 comes before all others. */
  priorityOf(run: string): number {
    return this.#priorities.get(run) ?? DEFAULT_PRIORITY;
  }

  prioritise(run: string, priority: number | null): void {
    if (priority === null) this.#priorities.delete(run);
    else this.#priorities.set(run, priority);
  }

  hasRoom(run: string, limit: number): boolean {
    return (this.#inFlight.get(run) ?? 0) < (this.#limits.get(run) ?? limit);
  }

  /** @returns whether that changes anything */
  limit(run: string, concurrency: number | null): boolean {
    if ((this.#limits.get(run) ?? null) === concurrency) return false;
    if (concurrency === null) this.#limits.delete(run);
    else this.#limits.set(run, concurrency);
    return true;
  }

  take(run: string): void {
    this.#inFlight.set(run, (this.#inFlight.get(run) ?? 0) + 1);
  }

  release(run: string): void {
    const left = (this.#inFlight.get(run) ?? 0) - 1;
    if (left > 0) this.#inFlight.set(run, left);
    else this.#inFlight.delete(run);
  }
}
