import { RATE_RENEWAL_MILLISECONDS } from '../../pipeline/rate-contract.ts';
import type { ModelLimits } from '../../pipeline/run-control.ts';
import { RateLease } from './rate-lease.ts';
import type { RateMember } from './rate-member.ts';
import { RatePacer } from './rate-pacer.ts';

export type RateLimits = Pick<ModelLimits, 'requestsPerMinute' | 'tokensPerMinute'>;

/** Tokens that are taken for a call, as they stand against the budget until the true number is known. */
export interface TokenReservation {
  tokens: number;
}

const MINUTE = 60_000;

/** A span too short says nothing of how much is used. */
const SHORTEST_SPAN = 500;

/** What a worker that has just used so much may use a little later. */
const GROWTH = 1.25;

/**
 * When calls of one model may start: its requests and tokens a minute, spread evenly, and of these
 * the part that is this worker's where several share them.
 */
export class LaneRate {
  readonly #queued: () => number;
  readonly #onShare: () => void;
  #limits: RateLimits = {};
  #requests: RatePacer | null = null;
  #tokens: RatePacer | null = null;
  #member: RateMember | null = null;
  #lease: RateLease | null = null;
  #used = { requests: 0, tokens: 0, since: 0 };
  #tokensOfCall = 0;

  /** `queued` tells how many calls wait; `onShare` is told when more or fewer may start than before. */
  constructor({ queued, onShare }: { queued: () => number; onShare: () => void }) {
    this.#queued = queued;
    this.#onShare = onShare;
  }

  changeLimits(limits: RateLimits): void {
    this.#limits = limits;
    this.#requests = limits.requestsPerMinute === undefined ? null : (this.#requests ?? new RatePacer(0));
    this.#tokens = limits.tokensPerMinute === undefined ? null : (this.#tokens ?? new RatePacer(0));
    this.#openLease();
    this.#applyShare(Date.now());
  }

  /** From now on the limits are those of all members together; null: of this worker alone. */
  share(member: RateMember | null): void {
    void this.#lease?.close();
    this.#lease = null;
    this.#member = member;
    this.#openLease();
    this.#applyShare(Date.now());
  }

  get isLimited(): boolean {
    return this.#requests !== null || this.#tokens !== null;
  }

  /** When the next call may start; Infinity: that is not known before there is a share. */
  nextAt(now: number): number {
    if (!this.isLimited) return now;
    if (this.#lease !== null) {
      this.#lease.want();
      if (this.#lease.shareAt(now) === 0) return Infinity;
    }
    return Math.max(this.#requests?.nextAt(now) ?? now, this.#tokens?.nextAt(now) ?? now);
  }

  /** A call starts. */
  take(tokens: () => number, now: number): TokenReservation | null {
    this.#requests?.take(1, now);
    this.#used.requests += 1;
    if (this.#tokens === null) return null;
    const reservation = { tokens: tokens() };
    this.#tokens.take(reservation.tokens, now);
    this.#used.tokens += reservation.tokens;
    this.#tokensOfCall = reservation.tokens;
    return reservation;
  }

  /** A call has ended; `tokens` is 0 where the provider does not say. */
  correct(reservation: TokenReservation | null, tokens: number): void {
    if (reservation !== null && tokens > 0) this.#tokens?.correct(tokens - reservation.tokens);
  }

  async close(): Promise<void> {
    await this.#lease?.close();
  }

  #openLease(): void {
    if (!this.isLimited) {
      void this.#lease?.close();
      this.#lease = null;
    } else if (this.#member !== null) {
      this.#lease ??= new RateLease({
        member: this.#member,
        demand: () => this.#demand(Date.now()),
        onShare: () => {
          this.#applyShare(Date.now());
          this.#onShare();
        },
      });
    }
  }

  #applyShare(now: number): void {
    const share = this.#lease === null ? 1 : this.#lease.shareAt(now);
    this.#requests?.changeRate((this.#limits.requestsPerMinute ?? 0) * share, now);
    this.#tokens?.changeRate((this.#limits.tokensPerMinute ?? 0) * share, now);
  }

  /** Part of the limits that would be used until the next renewal, by what was used since the last one and what waits. */
  #demand(now: number): number {
    const { requests, tokens, since } = this.#used;
    this.#used = { requests: 0, tokens: 0, since: now };
    const { requestsPerMinute, tokensPerMinute } = this.#limits;
    const wanted = (used: number, waiting: number): number =>
      (used * GROWTH * MINUTE) / Math.max(now - since, SHORTEST_SPAN) + (waiting * MINUTE) / RATE_RENEWAL_MILLISECONDS;
    const queued = this.#queued();
    const parts = [
      requestsPerMinute === undefined ? 0 : wanted(requests, queued) / requestsPerMinute,
      tokensPerMinute === undefined ? 0 : wanted(tokens, queued * this.#tokensOfCall) / tokensPerMinute,
    ];
    // Of calls that wait nothing is known before the first has started.
    return queued > 0 && this.#tokensOfCall === 0 && tokensPerMinute !== undefined ? 1 : Math.min(1, Math.max(...parts));
  }
}
