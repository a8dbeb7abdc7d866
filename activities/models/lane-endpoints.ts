import type { ModelPlan } from '../../pipeline/plan.ts';
import { EndpointHealth } from './endpoint-health.ts';
import { Limiter } from './limiter.ts';
import type { ModelClient } from './model-client.ts';
import type { ModelEndpoint } from './model-endpoint.ts';

const PROBE_INTERVAL = 1000;
const PROBE_TIMEOUT = 5000;

export interface LaneEndpoint {
  endpoint: ModelEndpoint;
  createClient: () => Promise<ModelClient>;
}

/** An endpoint in use: who speaks to it, what it may have in flight, and whether it answers. */
export class LiveEndpoint {
  readonly endpoint: ModelEndpoint;
  readonly limiter = new Limiter();
  readonly health = new EndpointHealth();
  /** It is wanted no longer; its client is closed when its last call has ended. */
  isRetired = false;
  readonly #createClient: () => Promise<ModelClient>;
  #connecting: Promise<ModelClient> | null = null;
  #client: ModelClient | null = null;

  constructor({ endpoint, createClient }: LaneEndpoint) {
    this.endpoint = endpoint;
    this.#createClient = createClient;
  }

  /** Made already: calls need not wait for it. */
  get client(): ModelClient | null {
    return this.#client;
  }

  /** Makes the client when it is first needed. Rejects where it cannot be made; the next call tries again. */
  async connect(): Promise<ModelClient> {
    const connecting = (this.#connecting ??= this.#createClient());
    try {
      const client = await connecting;
      if (this.#connecting === connecting) this.#client = client;
      return client;
    } catch (error) {
      this.#connecting = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    const connecting = this.#connecting;
    this.#connecting = null;
    this.#client = null;
    await (await connecting)?.close();
  }

  async closeWhenUnused(): Promise<void> {
    if (this.limiter.inFlight === 0) await this.close();
  }
}

/** The endpoints of one model: which of them takes the next call. */
export class LaneEndpoints {
  readonly #loadBalancing: ModelPlan['loadBalancing'];
  #live: LiveEndpoint[] = [];
  #next = 0;
  /** 429 of those that are gone. */
  #overloadedBefore = 0;
  #probedAt = 0;
  #probe = Promise.resolve(false);

  constructor(loadBalancing: ModelPlan['loadBalancing']) {
    this.#loadBalancing = loadBalancing;
  }

  get endpoints(): readonly ModelEndpoint[] {
    return this.#live.map((live) => live.endpoint);
  }

  /** Calls that all of them together may have in flight. */
  get window(): number {
    return this.#live.reduce((sum, live) => sum + live.limiter.window, 0);
  }

  /** 429 answers so far. */
  get overloaded(): number {
    return this.#live.reduce((sum, live) => sum + live.limiter.overloaded, this.#overloadedBefore);
  }

  get areAllDown(): boolean {
    return this.#live.every((live) => live.health.isDown);
  }

  /** Replaces those that have changed; those that are gone finish their calls first. */
  replace(wanted: LaneEndpoint[]): void {
    const before = this.#live;
    this.#live = wanted.map((next) => before.find((live) => isSameEndpoint(live.endpoint, next.endpoint)) ?? new LiveEndpoint(next));
    for (const live of before) {
      if (this.#live.includes(live)) continue;
      live.isRetired = true;
      this.#overloadedBefore += live.limiter.overloaded;
      void live.closeWhenUnused();
    }
  }

  /** The one that takes a call now; undefined: none has room. */
  choose(now: number): LiveEndpoint | undefined {
    let best: LiveEndpoint | undefined;
    const count = this.#live.length;
    for (let offset = 0; offset < count; offset++) {
      const live = this.#live[(this.#next + offset) % count];
      if (live === undefined || live.health.nextCallAt > now || live.limiter.room(now) === 0) continue;
      if (this.#loadBalancing === 'round_robin') return live;
      if (best === undefined || live.limiter.inFlight < best.limiter.inFlight) best = live;
    }
    return best;
  }

  /** The next call begins its choice with the one behind it. */
  noteTaken(live: LiveEndpoint): void {
    this.#next = this.#live.indexOf(live) + 1;
  }

  /** When a hold, a cooling place or an outage ends that keeps one of them from taking calls; Infinity: only a call's end can bring room. */
  nextRoomAt(now: number): number {
    let next = Infinity;
    for (const { limiter, health } of this.#live) {
      const healthyAt = health.nextCallAt;
      if (limiter.room(now) > 0) {
        if (healthyAt > now) next = Math.min(next, healthyAt);
        continue;
      }
      const roomAt = limiter.nextRoomAt(now);
      if (roomAt !== null) next = Math.min(next, Math.max(roomAt, healthyAt));
    }
    return next;
  }

  /** A client of any endpoint: they are all of one kind. Rejects where none can be made. */
  async anyClient(): Promise<ModelClient> {
    const [first] = this.#live;
    if (first === undefined) throw new Error('The model has no endpoint.');
    return first.connect();
  }

  /** Whether any endpoint is alive. Asks at most once a second, however many want to know. */
  probe(): Promise<boolean> {
    if (Date.now() - this.#probedAt >= PROBE_INTERVAL) {
      this.#probedAt = Date.now();
      this.#probe = this.#askAll();
    }
    return this.#probe;
  }

  async close(): Promise<void> {
    await Promise.all(this.#live.map((live) => live.close()));
  }

  async #askAll(): Promise<boolean> {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT);
    const answers = this.#live.map(async (live) => (await live.connect()).probe(signal).catch(() => false));
    return (await Promise.all(answers)).includes(true);
  }
}

function isSameEndpoint(first: ModelEndpoint, second: ModelEndpoint): boolean {
  return first.url === second.url && first.key === second.key && first.displayUrl === second.displayUrl;
}
