import type { RateMember } from './rate-member.ts';

const FIRST_RETRY_MILLISECONDS = 250;
const LONGEST_RETRY_MILLISECONDS = 2_000;

export interface RateLeaseOptions {
  member: RateMember;
  /** Part of the rate that is wanted now; 0: none. */
  demand: () => number;
  /** The share is another one. */
  onShare: () => void;
}

/**
 * Holds a part of a rate for as long as there are calls: renews it before it ends, gives it back when
 * nothing is wanted. The share is 0 where it could not be renewed in time.
 */
export class RateLease {
  readonly #options: RateLeaseOptions;
  #share = 0;
  #validUntil = 0;
  #isHeld = false;
  #failures = 0;
  #leaving = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RateLeaseOptions) {
    this.#options = options;
  }

  /** Part of the rate that may be used now. */
  shareAt(now: number): number {
    return now < this.#validUntil ? this.#share : 0;
  }

  /** Calls wait: a share is asked for unless that is under way. */
  want(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    void this.#renew();
  }

  /** Gives the share back. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#validUntil = 0;
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#leaving = this.#options.member.leave();
    await this.#leaving;
  }

  async #renew(): Promise<void> {
    const { member, demand, onShare } = this.#options;
    // A leave that overtook the next renewal would take a share that is in use.
    await this.#leaving;
    const wanted = demand();
    if (wanted === 0) return this.close();
    const askedAt = Date.now();
    try {
      const { share, validMilliseconds, renewMilliseconds } = await member.renew(wanted);
      if (!this.#isHeld) return;
      this.#failures = 0;
      this.#share = share;
      this.#validUntil = askedAt + validMilliseconds;
      this.#renewIn(Math.max(0, askedAt + renewMilliseconds - Date.now()));
      onShare();
    } catch {
      // Whoever makes members tells of it; calls wait when the share has ended, and are told by their own signals.
      this.#renewIn(Math.min(FIRST_RETRY_MILLISECONDS * 2 ** this.#failures++, LONGEST_RETRY_MILLISECONDS));
    }
  }

  #renewIn(milliseconds: number): void {
    if (!this.#isHeld) return;
    this.#timer = setTimeout(() => void this.#renew(), milliseconds);
  }
}
