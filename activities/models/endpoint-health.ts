/** Failures in a row, none of them answered in between, after which an endpoint counts as down. */
const FAILURES_UNTIL_DOWN = 5;
const FIRST_PROBE_MILLISECONDS = 100;
const LONGEST_PROBE_MILLISECONDS = 2000;
/** A probe that has not failed by then has been taken: models may need a minute for an answer. */
const NEXT_WHILE_PROBING_MILLISECONDS = 500;

/**
 * Whether an endpoint answers at all. One that refuses or cuts every connection is asked by single
 * calls, ever more seldom, up to every 2 seconds, until anything comes back. Pure: times are the caller's.
 */
export class EndpointHealth {
  #failures = 0;
  #failedProbes = 0;
  #nextCallAt = 0;

  get isDown(): boolean {
    return this.#failures >= FAILURES_UNTIL_DOWN;
  }

  /** When the next call may be tried, epoch milliseconds; 0 for at once. */
  get nextCallAt(): number {
    return this.isDown ? this.#nextCallAt : 0;
  }

  /** A call starts; tells whether it is a probe, which is to be said again if it fails. */
  start(now: number): boolean {
    if (this.isDown) this.#nextCallAt = now + NEXT_WHILE_PROBING_MILLISECONDS;
    return this.isDown;
  }

  /** Any HTTP answer of any status. */
  answer(): void {
    this.#failures = 0;
    this.#failedProbes = 0;
  }

  /** Nobody answered. */
  fail(isProbe: boolean, now: number): void {
    // All calls that were in flight when the endpoint died tell of the same death: only probes wait longer.
    if (this.isDown && !isProbe) return;
    if (!this.isDown) this.#failures++;
    if (isProbe) this.#failedProbes++;
    if (this.isDown)
      this.#nextCallAt = now + Math.min(FIRST_PROBE_MILLISECONDS * 2 ** this.#failedProbes, LONGEST_PROBE_MILLISECONDS);
  }
}
