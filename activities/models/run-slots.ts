/** Calls in flight of each run over all models of this worker. */
export class RunSlots {
  readonly #inFlight = new Map<string, number>();

  hasRoom(run: string, limit: number): boolean {
    return (this.#inFlight.get(run) ?? 0) < limit;
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
