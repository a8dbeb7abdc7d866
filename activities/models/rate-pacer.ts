/** What was not used is kept for so long: enough for a timer that comes late, too little for a burst. */
const SAVED_MILLISECONDS = 300;

/**
 * Spreads units, requests or tokens, evenly over time: a leaky bucket. In any span of t milliseconds
 * there start at most rate × (t + 300) units and one call. Pure: times are the caller's, in milliseconds.
 */
export class RatePacer {
  /** Units a millisecond. */
  #rate: number;
  /** Units that are still to drain before the next call; below 0: saved. */
  #level = 0;
  #at = 0;

  constructor(unitsPerMinute: number) {
    this.#rate = unitsPerMinute / 60_000;
  }

  /** From now on; what was taken before counts towards it. */
  changeRate(unitsPerMinute: number, now: number): void {
    this.#drain(now);
    this.#rate = unitsPerMinute / 60_000;
  }

  /** When the next call may start, however large it is; Infinity at a rate of 0. */
  nextAt(now: number): number {
    this.#drain(now);
    if (this.#rate === 0) return Infinity;
    return this.#level <= 1e-9 ? now : now + this.#level / this.#rate;
  }

  take(units: number, now: number): void {
    this.#drain(now);
    this.#level += units;
  }

  /** A call has used so many units more than was taken for it, or less. */
  correct(units: number): void {
    this.#level += units;
  }

  #drain(now: number): void {
    // A clock that was set back gives nothing, and takes nothing.
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#level = Math.max(this.#level - elapsed * this.#rate, -this.#rate * SAVED_MILLISECONDS);
  }
}
