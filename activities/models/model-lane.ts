import type { ModelPlan } from '../../pipeline/plan.ts';
import type { ModelLimits } from '../../pipeline/run-control.ts';
import type { LaneAnswer, LaneCall } from './lane-call.ts';
import { LaneEndpoints, type LaneEndpoint, type LiveEndpoint } from './lane-endpoints.ts';
import { ModelCallError } from './model-call-error.ts';
import type { ModelClient } from './model-client.ts';
import type { ModelEndpoint } from './model-endpoint.ts';
import type { GatewayState } from './model-gateway.ts';
import { LaneRate } from './lane-rate.ts';
import { sharedRateOf, type JoinRate } from './rate-member.ts';
import type { RunSlots } from './run-slots.ts';
import { WaitingCalls, type WaitingCall } from './waiting-calls.ts';

/** A queued call whose endpoints have all been down for so long is told so, that its caller can decide. */
const LONGEST_WAIT_WHILE_DOWN = 20_000;
/** The longest sleep of a pump: longer timers overflow, and a clock may be set back. */
const LONGEST_SLEEP = 10_000;
/** Calls that are started before the event loop turns: a burst of hundreds would keep answers unread, and a crash would lose them. */
const STARTS_AT_ONCE = 16;

export interface ModelLaneOptions {
  model: ModelPlan;
  slots: RunSlots;
  /**
   * Told when there may be room for a call of any model: one has ended, or enough have been started at once. Pumps this lane
   * and the others, once the event loop has turned.
   */
  onRoom: () => void;
  /** null: the model's rates are this worker's alone. */
  joinRate: JoinRate | null;
}

/** The queue and the limits of one model in this worker: when a call leaves for an endpoint, and how it ends. */
export class ModelLane {
  readonly model: ModelPlan;
  readonly #slots: RunSlots;
  readonly #onRoom: () => void;
  readonly #queue: WaitingCalls;
  readonly #endpoints: LaneEndpoints;
  readonly #joinRate: JoinRate | null;
  readonly #rate: LaneRate;
  /** Key of the rate that is shared with other workers. */
  #rateKey: string | null = null;
  /** Set by runs while they go, in that order. */
  readonly #limits = new Map<string, ModelLimits>();
  #mostInFlight: number;
  /** `delay` of the model: before it no further call starts. */
  #nextStartAt = 0;
  #inFlight = 0;
  #lastAnswerAt = 0;
  #lastFailure: ModelCallError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt = 0;

  constructor({ model, slots, onRoom, joinRate }: ModelLaneOptions) {
    this.model = model;
    this.#slots = slots;
    this.#queue = new WaitingCalls(slots);
    this.#endpoints = new LaneEndpoints(model.loadBalancing);
    this.#onRoom = onRoom;
    this.#joinRate = joinRate;
    this.#mostInFlight = model.maxConcurrency ?? Infinity;
    this.#rate = new LaneRate({ queued: () => this.#queue.size, onShare: () => this.pump() });
    this.#limitRate({});
  }

  /** When a call was last answered well, epoch milliseconds; 0 for never. */
  get lastAnswerAt(): number {
    return this.#lastAnswerAt;
  }

  get endpoints(): readonly ModelEndpoint[] {
    return this.#endpoints.endpoints;
  }

  get state(): GatewayState {
    return {
      inFlight: this.#inFlight,
      queued: this.#queue.size,
      window: Math.min(this.#endpoints.window, this.#mostInFlight),
      overloaded: this.#endpoints.overloaded,
    };
  }

  /** Replaces the endpoints that have changed; those that are gone finish their calls first. */
  setEndpoints(wanted: LaneEndpoint[]): void {
    this.#endpoints.replace(wanted);
    this.#shareRate();
    this.pump();
  }

  #shareRate(): void {
    const rate = this.#joinRate === null ? null : sharedRateOf(this.model, this.endpoints);
    if ((rate?.key ?? null) === this.#rateKey) return;
    this.#rateKey = rate?.key ?? null;
    this.#rate.share(rate === null ? null : (this.#joinRate?.(rate) ?? null));
  }

  /** What a run sets counts until it takes it back, or another run sets its own. */
  limit(run: string, limits: ModelLimits | null): void {
    const known = this.#limits.get(run) ?? null;
    if (JSON.stringify(known) === JSON.stringify(limits)) return;
    this.#limits.delete(run);
    if (limits !== null) this.#limits.set(run, limits);
    const latest = [...this.#limits.values()].at(-1) ?? {};
    this.#mostInFlight = latest.concurrency ?? this.model.maxConcurrency ?? Infinity;
    this.#limitRate(latest);
    this.pump();
  }

  #limitRate(limits: ModelLimits): void {
    const requestsPerMinute = limits.requestsPerMinute ?? this.model.requestsPerMinute;
    const tokensPerMinute = limits.tokensPerMinute ?? this.model.tokensPerMinute;
    this.#rate.changeLimits({
      ...(requestsPerMinute === null ? {} : { requestsPerMinute }),
      ...(tokensPerMinute === null ? {} : { tokensPerMinute }),
    });
  }

  /** Waits for room, and makes one attempt. */
  submit<Result>(call: LaneCall<Result>): Promise<LaneAnswer<Result>> {
    const answer = this.#queue.add(call as LaneCall<unknown>);
    this.pump();
    return answer as Promise<LaneAnswer<Result>>;
  }

  /** A client of any endpoint: they are all of one kind. Rejects where none can be made. */
  anyClient(): Promise<ModelClient> {
    return this.#endpoints.anyClient();
  }

  /** Whether any endpoint is alive. Asks at most once a second, however many want to know. */
  probe(): Promise<boolean> {
    return this.#endpoints.probe();
  }

  /** Starts what may start now, and sees to it that it is called again when time alone makes room. */
  pump(): void {
    const now = Date.now();
    if (!this.#startWaiting(now)) return this.#onRoom();
    if (this.#queue.size > 0) this.#rejectStranded(now);
    if (this.#queue.size > 0) this.#sleep(now);
  }

  /** false: there are more that could start, but enough have for now. */
  #startWaiting(now: number): boolean {
    for (let started = 0; this.#queue.size > 0 && this.#inFlight < this.#mostInFlight; started++) {
      if (started === STARTS_AT_ONCE) return false;
      if (now < this.#nextStartAt || now < this.#rate.nextAt(now)) break;
      const live = this.#endpoints.choose(now);
      if (live === undefined) break;
      const waiting = this.#queue.take();
      if (waiting === undefined) break;
      this.#endpoints.noteTaken(live);
      this.#nextStartAt = now + this.model.delaySeconds * 1000;
      void this.#run(waiting, live, now);
    }
    return true;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const closed = new Error('The model gateway was closed.');
    this.#queue.reject(() => closed);
    await Promise.all([this.#rate.close(), this.#endpoints.close()]);
  }

  async #run({ call, resolve, reject }: WaitingCall, live: LiveEndpoint, now: number): Promise<void> {
    const { run, signal, flightSignal = signal, onStart } = call.pass;
    this.#inFlight++;
    this.#slots.take(run);
    const reservation = this.#rate.take(call.tokens, now);
    const ticket = live.limiter.start(now);
    const isProbe = live.health.start(now);
    try {
      onStart?.();
      const client = live.client ?? (await live.connect());
      const answer = await call.attempt(client, { signal: flightSignal, unsentSignal: signal });
      const end = Date.now();
      live.limiter.end(ticket, { outcome: 'answered', now: end });
      live.health.answer();
      this.#lastAnswerAt = end;
      this.#rate.correct(reservation, call.usedTokens(answer));
      resolve({ answer, latencyMilliseconds: end - now, endpoint: live.endpoint.displayUrl });
    } catch (error) {
      this.#noteFailure(live, error, isProbe);
      const end = {
        now: Date.now(),
        retryAfterMilliseconds: error instanceof ModelCallError ? error.retryAfterMilliseconds : undefined,
      };
      const isOverload = error instanceof ModelCallError && error.reason === 'overloaded';
      live.limiter.end(ticket, { outcome: isOverload ? 'overloaded' : 'failed', ...end });
      reject(error);
    } finally {
      this.#inFlight--;
      this.#slots.release(run);
      if (live.isRetired) void live.closeWhenUnused();
      this.#onRoom();
    }
  }

  #noteFailure(live: LiveEndpoint, error: unknown, isProbe: boolean): void {
    if (!(error instanceof ModelCallError) || error.reason === 'timeout') return;
    if (error.status !== undefined) return live.health.answer();
    // A body cut short or too large: something at the other end has answered.
    if (error.reason === 'malformed_answer') return live.health.answer();
    if (error.reason === 'connection') this.#lastFailure = error;
    live.health.fail(isProbe, Date.now());
  }

  #rejectStranded(now: number): void {
    const failure = this.#lastFailure;
    if (failure === null || !this.#endpoints.areAllDown) return;
    this.#queue.reject(
      () => new ModelCallError({ kind: 'passing', reason: 'connection', message: failure.message }),
      ({ queuedAt }) => now - queuedAt >= LONGEST_WAIT_WHILE_DOWN,
    );
  }

  /** Time alone makes room when a hold, a cooling place or an outage ends, or when the rate allows the next call. */
  #sleep(now: number): void {
    let wakeAt = Math.min(now + LONGEST_SLEEP, this.#endpoints.nextRoomAt(now));
    if (this.#nextStartAt > now) wakeAt = Math.min(wakeAt, this.#nextStartAt);
    const ratedAt = this.#rate.nextAt(now);
    if (ratedAt > now) wakeAt = Math.min(wakeAt, ratedAt);
    if (this.#timer !== undefined && this.#wakeAt <= wakeAt) return;
    clearTimeout(this.#timer);
    this.#wakeAt = wakeAt;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.pump();
      },
      Math.max(1, wakeAt - now),
    );
  }
}
