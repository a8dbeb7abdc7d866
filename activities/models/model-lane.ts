import type { ModelPlan } from '../../pipeline/plan.ts';
import type { ModelLimits } from '../../pipeline/run-control.ts';
import { EndpointHealth } from './endpoint-health.ts';
import { FairQueue } from './fair-queue.ts';
import type { LaneAnswer, LaneCall } from './lane-call.ts';
import { Limiter } from './limiter.ts';
import { ModelCallError } from './model-call-error.ts';
import type { ModelClient } from './model-client.ts';
import type { ModelEndpoint } from './model-endpoint.ts';
import type { GatewayState } from './model-gateway.ts';
import { LaneRate } from './lane-rate.ts';
import { sharedRateOf, type JoinRate } from './rate-member.ts';
import type { RunSlots } from './run-slots.ts';
import { watchAbort } from './watch-abort.ts';

/** A queued call whose endpoints have all been down for so long is told so, that its caller can decide. */
const LONGEST_WAIT_WHILE_DOWN = 20_000;
/** The longest sleep of a pump: longer timers overflow, and a clock may be set back. */
const LONGEST_SLEEP = 10_000;
/** Calls that are started before the event loop turns: a burst of hundreds would keep answers unread, and a crash would lose them. */
const STARTS_AT_ONCE = 16;
const PROBE_INTERVAL = 1000;
const PROBE_TIMEOUT = 5000;

export interface LaneEndpoint {
  endpoint: ModelEndpoint;
  createClient: () => Promise<ModelClient>;
}

export interface ModelLaneOptions {
  model: ModelPlan;
  slots: RunSlots;
  /** Told when a call of any run has ended, since another model's call of that run may now start. */
  onRoom: () => void;
  /** null: the model's rates are this worker's alone. */
  joinRate: JoinRate | null;
}

interface LiveEndpoint extends LaneEndpoint {
  client: Promise<ModelClient> | null;
  limiter: Limiter;
  health: EndpointHealth;
  isRetired: boolean;
}

interface WaitingCall {
  call: LaneCall<unknown>;
  queuedAt: number;
  resolve: (answer: LaneAnswer<unknown>) => void;
  reject: (error: unknown) => void;
  stopWatching: () => void;
}

/** The queue, the endpoints and the limits of one model in this worker. */
export class ModelLane {
  readonly model: ModelPlan;
  readonly #slots: RunSlots;
  readonly #onRoom: () => void;
  readonly #queue: FairQueue<WaitingCall>;
  readonly #joinRate: JoinRate | null;
  readonly #rate: LaneRate;
  /** Key of the rate that is shared with other workers. */
  #rateKey: string | null = null;
  /** Set by runs while they go, in that order. */
  readonly #limits = new Map<string, ModelLimits>();
  #mostInFlight: number;
  #endpoints: LiveEndpoint[] = [];
  #nextEndpoint = 0;
  /** `delay` of the model: before it no further call starts. */
  #nextStartAt = 0;
  #isPumpDue = false;
  #inFlight = 0;
  #overloadedBefore = 0;
  #lastAnswerAt = 0;
  #lastFailure: ModelCallError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt = 0;
  #probedAt = 0;
  #probe = Promise.resolve(false);

  constructor({ model, slots, onRoom, joinRate }: ModelLaneOptions) {
    this.model = model;
    this.#slots = slots;
    this.#queue = new FairQueue((run) => slots.priorityOf(run));
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
    return this.#endpoints.map((live) => live.endpoint);
  }

  get state(): GatewayState {
    return {
      inFlight: this.#inFlight,
      queued: this.#queue.size,
      window: Math.min(
        this.#endpoints.reduce((sum, live) => sum + live.limiter.window, 0),
        this.#mostInFlight,
      ),
      overloaded: this.#endpoints.reduce((sum, live) => sum + live.limiter.overloaded, this.#overloadedBefore),
    };
  }

  /** Replaces the endpoints that have changed; those that are gone finish their calls first. */
  setEndpoints(wanted: LaneEndpoint[]): void {
    const before = this.#endpoints;
    this.#endpoints = wanted.map((next) => {
      const same = before.find((live) => isSameEndpoint(live.endpoint, next.endpoint));
      return same ?? { ...next, client: null, limiter: new Limiter(), health: new EndpointHealth(), isRetired: false };
    });
    for (const live of before) {
      if (this.#endpoints.includes(live)) continue;
      live.isRetired = true;
      this.#overloadedBefore += live.limiter.overloaded;
      void closeWhenUnused(live);
    }
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
    return this.#enqueue(call as LaneCall<unknown>) as Promise<LaneAnswer<Result>>;
  }

  #enqueue(call: LaneCall<unknown>): Promise<LaneAnswer<unknown>> {
    return new Promise((resolve, reject) => {
      if (call.signal.aborted) return reject(call.signal.reason as Error);
      const waiting: WaitingCall = { call, queuedAt: Date.now(), resolve, reject, stopWatching: () => undefined };
      waiting.stopWatching = watchAbort(call.signal, () => {
        this.#queue.remove((other) => other === waiting);
        reject(call.signal.reason as Error);
      });
      this.#queue.push(call.run, waiting);
      this.pump();
    });
  }

  /** A client of any endpoint: they are all of one kind. Rejects where none can be made. */
  anyClient(): Promise<ModelClient> {
    const [first] = this.#endpoints;
    if (first === undefined) throw new Error('The model has no endpoint.');
    return this.#clientOf(first);
  }

  /** Whether any endpoint is alive. Asks at most once a second, however many want to know. */
  probe(): Promise<boolean> {
    if (Date.now() - this.#probedAt >= PROBE_INTERVAL) {
      this.#probedAt = Date.now();
      this.#probe = this.#askEndpoints();
    }
    return this.#probe;
  }

  async #askEndpoints(): Promise<boolean> {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT);
    const answers = this.#endpoints.map(async (live) => (await this.#clientOf(live)).probe(signal).catch(() => false));
    return (await Promise.all(answers)).includes(true);
  }

  /** Starts what may start now, and sees to it that it is called again when time alone makes room. */
  pump(): void {
    const now = Date.now();
    let started = 0;
    while (this.#queue.size > 0 && this.#inFlight < this.#mostInFlight) {
      if (started === STARTS_AT_ONCE) return this.#pumpSoon();
      if (now < this.#nextStartAt || now < this.#rate.nextAt(now)) break;
      const live = this.#chooseEndpoint(now);
      if (live === undefined) break;
      const waiting = this.#queue.take(({ call }) => this.#slots.hasRoom(call.run, call.runConcurrency));
      if (waiting === undefined) break;
      this.#nextEndpoint = this.#endpoints.indexOf(live) + 1;
      this.#nextStartAt = now + this.model.delaySeconds * 1000;
      started++;
      void this.#run(waiting, live, now);
    }
    if (this.#queue.size > 0) this.#rejectStranded(now);
    if (this.#queue.size > 0) this.#sleep(now);
  }

  /** Goes on once the answers that have arrived meanwhile are read. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      this.pump();
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const closed = new Error('The model gateway was closed.');
    for (const waiting of this.#queue.remove(() => true)) {
      waiting.stopWatching();
      waiting.reject(closed);
    }
    await Promise.all([this.#rate.close(), ...this.#endpoints.map(async (live) => (await live.client)?.close())]);
  }

  #chooseEndpoint(now: number): LiveEndpoint | undefined {
    let best: LiveEndpoint | undefined;
    const count = this.#endpoints.length;
    for (let offset = 0; offset < count; offset++) {
      const live = this.#endpoints[(this.#nextEndpoint + offset) % count];
      if (live === undefined || live.health.nextCallAt > now || live.limiter.room(now) === 0) continue;
      if (this.model.loadBalancing === 'round_robin') return live;
      if (best === undefined || live.limiter.inFlight < best.limiter.inFlight) best = live;
    }
    return best;
  }

  async #run(waiting: WaitingCall, live: LiveEndpoint, now: number): Promise<void> {
    const { call } = waiting;
    waiting.stopWatching();
    this.#inFlight++;
    this.#slots.take(call.run);
    const reservation = this.#rate.take(call.tokens, now);
    const ticket = live.limiter.start(now);
    const isProbe = live.health.start(now);
    try {
      call.onStart?.();
      const client = await this.#clientOf(live);
      const result = await call.attempt(client, { signal: call.flightSignal ?? call.signal, unsentSignal: call.signal });
      const end = Date.now();
      live.limiter.end(ticket, { outcome: 'answered', now: end });
      live.health.answer();
      this.#lastAnswerAt = end;
      this.#rate.correct(reservation, call.usedTokens(result));
      waiting.resolve({ result, latencyMilliseconds: end - now, endpoint: live.endpoint.displayUrl });
    } catch (error) {
      this.#noteFailure(live, error, isProbe);
      const end = {
        now: Date.now(),
        retryAfterMilliseconds: error instanceof ModelCallError ? error.retryAfterMilliseconds : undefined,
      };
      const isOverload = error instanceof ModelCallError && error.reason === 'overloaded';
      live.limiter.end(ticket, { outcome: isOverload ? 'overloaded' : 'failed', ...end });
      waiting.reject(error);
    } finally {
      this.#inFlight--;
      this.#slots.release(call.run);
      if (live.isRetired) void closeWhenUnused(live);
      this.pump();
      this.#onRoom();
    }
  }

  async #clientOf(live: LiveEndpoint): Promise<ModelClient> {
    live.client ??= live.createClient();
    try {
      return await live.client;
    } catch (error) {
      live.client = null;
      throw error;
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
    if (failure === null || !this.#endpoints.every((live) => live.health.isDown)) return;
    for (const waiting of this.#queue.remove((other) => now - other.queuedAt >= LONGEST_WAIT_WHILE_DOWN)) {
      waiting.stopWatching();
      waiting.reject(new ModelCallError({ kind: 'passing', reason: 'connection', message: failure.message }));
    }
  }

  /** Time alone makes room when a hold, a cooling place or an outage ends, or when the rate allows the next call. */
  #sleep(now: number): void {
    let wakeAt = now + LONGEST_SLEEP;
    for (const live of this.#endpoints) {
      const healthyAt = live.health.nextCallAt;
      if (live.limiter.room(now) > 0) {
        if (healthyAt > now) wakeAt = Math.min(wakeAt, healthyAt);
        continue;
      }
      const roomAt = live.limiter.nextRoomAt(now);
      if (roomAt !== null) wakeAt = Math.min(wakeAt, Math.max(roomAt, healthyAt));
    }
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

function isSameEndpoint(first: ModelEndpoint, second: ModelEndpoint): boolean {
  return first.url === second.url && first.key === second.key && first.displayUrl === second.displayUrl;
}

async function closeWhenUnused(live: LiveEndpoint): Promise<void> {
  if (live.limiter.inFlight > 0) return;
  const client = live.client;
  live.client = null;
  await (await client)?.close();
}
