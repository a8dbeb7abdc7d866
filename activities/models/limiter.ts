export interface LimiterOptions {
  /** Calls in flight to start with. Default 128. */
  startWindow?: number;
  /** The window never grows beyond it. Default: no limit. */
  maximumWindow?: number | null;
}

/** A call that has left the queue; handed back when it ends. */
export interface LimiterTicket {
  readonly startedAt: number;
  /** Under which cut the call was started: only later calls can say whether a cut has helped. */
  readonly cut: number;
}

/** `overloaded` is a 429; `failed` anything else without a usable answer. */
export type LimiterOutcome = 'answered' | 'overloaded' | 'failed';

export interface LimiterEnd {
  outcome: LimiterOutcome;
  now: number;
  /** What a 429 asks to wait. */
  retryAfterMilliseconds?: number | undefined;
}

const DEFAULT_START_WINDOW = 128;
const SMALLEST_ROUND = 50;
/** Share of 429 above the endpoint's normal one that means that it has too much to do. */
const OVERLOAD_SHARE = 0.2;
/** A cut that leaves less than this over the normal share has helped. */
const RELIEF_SHARE = 0.05;
/** Above this share over the normal one, growing further only buys more 429. */
const GROWTH_SHARE = 0.03;
/** From this share on the endpoint takes next to nothing: a cut is never called useless then. */
const HOPELESS_SHARE = 0.6;
/** A cut window is reached again from this part of it, doubling per round trip. */
const RESTART_DIVISOR = 4;
const USELESS_CUTS = 2;
const USELESS_CUT_FACTOR = 0.75;
const FIRST_ROUND_TRIP = 100;
const LONGEST_COOLING = 1000;
const SHORTEST_SETTLING = 5;
const FIRST_HOLD = 250;
const LONGEST_HOLD = 4000;
const LONGEST_REQUESTED_HOLD = 60_000;

/**
 * How many calls one endpoint may have in flight. Pure: all times are the caller's, in milliseconds.
 *
 * The window doubles per round trip while all is well. When 429 make up a fifth of the last 50 or
 * more answers, it becomes what the endpoint accepted: it doubles up to that from a quarter of it, and
 * grows by 1 per round trip from then on, as long as growing does not bring 429. A failure that came
 * fast keeps its place for the rest of a round trip, so that nothing is asked again at the speed of
 * the machine. Where two cuts in a row bring no relief, the 429 have nothing to do with our load: the
 * window is restored, and their share is the endpoint's normal one from then on.
 */
export class Limiter {
  readonly #maximumWindow: number;
  #window: number;
  /** Below it the window doubles per round trip, above it grows by 1. */
  #threshold = Infinity;
  readonly #inFlight = new Set<LimiterTicket>();
  #roundTrip = 0;
  #rejectionTime = 0;
  /** When each cooling place is free again, ascending. */
  #cooling: number[] = [];
  #heldUntil = 0;
  #holds = 0;
  #cut = 0;
  /** Whether the calls since the last cut are still too few to tell what it brought. */
  #isChecking = false;
  #isProbing = false;
  #uselessCuts = 0;
  #windowBeforeCuts = 0;
  /** A cut whose size is not known yet: nothing starts until the calls in flight have shown which of them are accepted. */
  #settling: { until: number; accepted: number } | undefined;
  #normalShare = 0;
  /** Share of 429 in the last whole round. */
  #lastShare = 0;
  #round = { answers: 0, overloaded: 0 };
  #overloaded = 0;

  constructor(options: LimiterOptions = {}) {
    this.#maximumWindow = options.maximumWindow ?? Infinity;
    this.#window = Math.min(options.startWindow ?? DEFAULT_START_WINDOW, this.#maximumWindow);
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get window(): number {
    return Math.max(1, Math.floor(this.#window));
  }

  /** 429 answers so far. */
  get overloaded(): number {
    return this.#overloaded;
  }

  /** Calls that may start now. */
  room(now: number): number {
    this.#settle(now);
    if (this.#settling !== undefined || now < this.#heldUntil) return 0;
    this.#endCooling(now);
    return Math.max(0, this.window - this.#inFlight.size - this.#cooling.length);
  }

  /** When there may be more room without any call ending; null: only a call's end can bring it. */
  nextRoomAt(now: number): number | null {
    this.#settle(now);
    if (this.#settling !== undefined) return this.#settling.until;
    if (now < this.#heldUntil) return this.#heldUntil;
    this.#endCooling(now);
    return this.#cooling[0] ?? null;
  }

  start(now: number): LimiterTicket {
    const ticket = { startedAt: now, cut: this.#cut };
    this.#inFlight.add(ticket);
    return ticket;
  }

  end(ticket: LimiterTicket, { outcome, now, retryAfterMilliseconds }: LimiterEnd): void {
    const wasFull = this.#inFlight.size + this.#cooling.length >= this.window - 1;
    this.#inFlight.delete(ticket);
    const elapsed = now - ticket.startedAt;
    if (outcome === 'answered') {
      if (this.#settling !== undefined) this.#settling.accepted++;
      this.#roundTrip = smooth(this.#roundTrip, elapsed);
    } else {
      this.#coolDown(ticket, now);
    }
    if (outcome === 'overloaded') {
      this.#overloaded++;
      this.#rejectionTime = smooth(this.#rejectionTime, elapsed);
    }
    if (outcome !== 'failed' && ticket.cut === this.#cut) this.#judge(outcome, now, retryAfterMilliseconds);
    if (outcome === 'answered' && wasFull && !this.#isChecking) this.#grow();
  }

  #judge(outcome: 'answered' | 'overloaded', now: number, retryAfter: number | undefined): void {
    if (this.#isProbing) return this.#judgeProbe(outcome, now, retryAfter);
    const round = this.#round;
    round.answers++;
    if (outcome === 'overloaded') round.overloaded++;
    const share = round.overloaded / Math.max(round.answers, SMALLEST_ROUND, this.#window / 4);
    const enough = this.#isChecking ? Math.min(SMALLEST_ROUND, Math.max(10, 2 * this.#window)) : SMALLEST_ROUND;
    const isComplete = round.answers >= Math.max(enough, this.#window);
    if (this.#isChecking && share < HOPELESS_SHARE) {
      if (isComplete) this.#checkCut();
    } else if (share >= this.#normalShare + OVERLOAD_SHARE) {
      if (!this.#isChecking) this.#windowBeforeCuts = this.#window;
      this.#uselessCuts = 0;
      this.#startCut();
      this.#settling = { until: now + Math.max(2 * this.#rejectionTime, SHORTEST_SETTLING), accepted: 0 };
      this.#hold(now, retryAfter, share);
    } else if (isComplete) {
      this.#lastShare = share;
      if (share < this.#normalShare) this.#normalShare += (share - this.#normalShare) / 4;
      this.#startRound();
    }
  }

  /** The endpoint took nothing at all: one call at a time finds out when that ends. */
  #judgeProbe(outcome: 'answered' | 'overloaded', now: number, retryAfter: number | undefined): void {
    if (outcome === 'overloaded') return this.#hold(now, retryAfter, 1);
    this.#isProbing = false;
    this.#holds = 0;
  }

  #checkCut(): void {
    const share = this.#round.overloaded / this.#round.answers;
    if (share < this.#normalShare + RELIEF_SHARE) {
      this.#isChecking = false;
      this.#uselessCuts = 0;
      this.#holds = 0;
      this.#normalShare = share;
      this.#startRound();
      return;
    }
    this.#uselessCuts++;
    if (this.#uselessCuts < USELESS_CUTS) {
      this.#startCut();
      this.#shrink(this.#window * USELESS_CUT_FACTOR);
      return;
    }
    this.#isChecking = false;
    this.#uselessCuts = 0;
    this.#window = this.#windowBeforeCuts;
    this.#threshold = Infinity;
    this.#normalShare = share;
    this.#startRound();
  }

  #startCut(): void {
    this.#cut++;
    this.#isChecking = true;
    this.#lastShare = 0;
    this.#startRound();
  }

  /** Sets the window to the calls that the endpoint turned out to have accepted, once the others must be back. */
  #settle(now: number): void {
    if (this.#settling === undefined || now < this.#settling.until) return;
    const accepted = this.#inFlight.size + this.#settling.accepted;
    this.#settling = undefined;
    if (accepted > 0) {
      this.#shrink(accepted);
      // Accepted one after the other, perhaps: all of them at once may be too many again.
      this.#window = Math.max(1, this.#window / RESTART_DIVISOR);
      return;
    }
    this.#isProbing = true;
    this.#isChecking = false;
    this.#threshold = Math.max(this.#window / 2, this.#threshold === Infinity ? 1 : this.#threshold);
    this.#window = 1;
  }

  #shrink(accepted: number): void {
    this.#window = Math.max(1, Math.min(accepted, this.#window));
    this.#threshold = this.#window;
  }

  /** A hold without a wish of the endpoint's is for those that refuse nearly everything. */
  #hold(now: number, retryAfter: number | undefined, share: number): void {
    if (retryAfter === undefined && share < HOPELESS_SHARE) return;
    const wait = Math.min(FIRST_HOLD * 2 ** this.#holds++, LONGEST_HOLD);
    this.#heldUntil = now + (retryAfter === undefined ? wait : Math.min(retryAfter, LONGEST_REQUESTED_HOLD));
  }

  #grow(): void {
    const { answers, overloaded } = this.#round;
    const bearable = this.#normalShare + GROWTH_SHARE;
    if (this.#window < this.#threshold) {
      this.#window = Math.min(this.#window + 1, this.#threshold);
    } else if (this.#lastShare <= bearable && overloaded <= bearable * Math.max(answers, SMALLEST_ROUND)) {
      this.#window += 1 / this.#window;
    }
    this.#window = Math.min(this.#window, this.#maximumWindow);
  }

  #startRound(): void {
    this.#round = { answers: 0, overloaded: 0 };
  }

  #coolDown(ticket: LimiterTicket, now: number): void {
    const until = ticket.startedAt + Math.min(this.#roundTripOrGuess(), LONGEST_COOLING);
    if (until <= now) return;
    let index = this.#cooling.length;
    while (index > 0 && (this.#cooling[index - 1] ?? 0) > until) index--;
    this.#cooling.splice(index, 0, until);
  }

  #endCooling(now: number): void {
    const firstWarm = this.#cooling.findIndex((until) => until > now);
    if (firstWarm !== 0) this.#cooling.splice(0, firstWarm === -1 ? this.#cooling.length : firstWarm);
  }

  #roundTripOrGuess(): number {
    return this.#roundTrip === 0 ? FIRST_ROUND_TRIP : this.#roundTrip;
  }
}

function smooth(average: number, value: number): number {
  return average === 0 ? value : average + (value - average) / 16;
}
