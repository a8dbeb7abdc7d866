const WINDOW_MILLISECONDS = 60_000;
const SLICES = 60;
const SLICE_MILLISECONDS = WINDOW_MILLISECONDS / SLICES;

/**
 * At most `limit` units in any 60 seconds: requests, or tokens. Pure: times are the caller's, in
 * milliseconds. Counted in slices of a second, each forgotten a minute after its end.
 */
export class RateWindow {
  #limit: number;
  /** Slice number to units, ascending. */
  readonly #slices = new Map<number, number>();
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** From now on; what was used in the last minute counts towards it. */
  changeLimit(limit: number): void {
    this.#limit = limit;
  }

  /** Whether so many units fit now. More than the limit fit into an empty window, else they never would. */
  fits(units: number, now: number): boolean {
    this.#forget(now);
    return this.#total === 0 || this.#total + units <= this.#limit;
  }

  /** Takes units; the answer goes to `correct` once the true number is known. */
  reserve(units: number, now: number): RateReservation {
    const slice = Math.floor(now / SLICE_MILLISECONDS);
    this.#add(slice, units);
    return { slice, units };
  }

  correct(reservation: RateReservation, units: number): void {
    if (this.#slices.has(reservation.slice)) this.#add(reservation.slice, units - reservation.units);
  }

  #add(slice: number, units: number): void {
    this.#slices.set(slice, (this.#slices.get(slice) ?? 0) + units);
    this.#total += units;
  }

  #forget(now: number): void {
    for (const [slice, amount] of this.#slices) {
      if (endOf(slice) > now) return;
      this.#slices.delete(slice);
      this.#total -= amount;
    }
  }
}

export interface RateReservation {
  readonly slice: number;
  readonly units: number;
}

function endOf(slice: number): number {
  return (slice + 1) * SLICE_MILLISECONDS + WINDOW_MILLISECONDS;
}
