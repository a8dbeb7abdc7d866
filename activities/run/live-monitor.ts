import type { Plan } from '../../pipeline/plan.ts';
import { emptyStatistics, increaseStatistics, type NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';
import type { LiveCounters } from './run-files.ts';
import type { Paid } from './steering/caps.ts';

const INTERVAL_MILLISECONDS = 500;

/** Writes what this worker is doing for a run to `live/<worker>.json`, for people who watch and for the caps of other workers. */
export interface LiveMonitor {
  add(node: string, statistics: Partial<NodeStatistics>): void;
  /** A record has entered (+1) or left (-1) a node. */
  enter(node: string, records: number): void;
  reusedFrom(run: string): void;
  /** An answer that was counted when it was made serves a repeated attempt. */
  replayed(node: string): void;
  /** Why calls wait; null when they no longer do. */
  waiting(reason: string | null): void;
  /** An answer has been paid for. */
  paid(): void;
  /** Writes how it stands; resolves when it is in the store. */
  flush(): Promise<void>;
  /** Writes what has changed since the last time, and nothing from then on: whoever opens the run anew goes on from there. */
  close(): Promise<void>;
}

export interface LiveMonitorOptions {
  dependencies: ActivityDependencies;
  folder: string;
  plan: Plan;
  /** What this worker has written of the run before. */
  before: LiveCounters | null;
  paid: () => Paid;
}

/** What a worker has written of a run; null: nothing so far. */
export function readCounters(store: Store, folder: string, worker: string): Promise<LiveCounters | null> {
  return readJson<LiveCounters>(store, countersKey(folder, worker));
}

function countersKey(folder: string, worker: string): string {
  return `${folder}/live/${worker}.json`;
}

export function createLiveMonitor({ dependencies, folder, plan, before, paid }: LiveMonitorOptions): LiveMonitor {
  const counters: LiveCounters = { updatedAt: '', nodes: nodesOf(before), models: {}, reusedFrom: before?.reusedFrom ?? {}, waiting: null, paid: paid() };
  let timer: NodeJS.Timeout | null = null;
  let isChanged = false;
  let isClosed = false;
  let last: Promise<void> = Promise.resolve();

  /** One after the other: what is written last is what is true last. */
  function write(): Promise<void> {
    const writing = last.then(writeNow);
    last = writing.catch(() => undefined);
    return writing;
  }

  async function writeNow(): Promise<void> {
    isChanged = false;
    counters.updatedAt = new Date().toISOString();
    counters.paid = paid();
    for (const [name, model] of Object.entries(plan.models)) counters.models[name] = dependencies.gateway.state(model);
    try {
      await dependencies.store.write(countersKey(folder, dependencies.workerName), JSON.stringify(counters));
    } catch (error) {
      isChanged = true;
      throw error;
    }
  }

  function stopTimer(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function changed(): void {
    isChanged = true;
    if (isClosed) return;
    timer ??= setTimeout(() => {
      timer = null;
      // A disk that is full is reported by what must be written; these counters are written again with the next change.
      write().catch(() => undefined);
    }, INTERVAL_MILLISECONDS).unref();
  }

  const nodeOf = (name: string) => (counters.nodes[name] ??= { ...emptyStatistics(), inFlight: 0 });

  return {
    add(node, statistics) {
      increaseStatistics(nodeOf(node), statistics);
      changed();
    },
    enter(node, records) {
      nodeOf(node).inFlight += records;
      changed();
    },
    replayed(node) {
      const known = nodeOf(node);
      known.replayed = (known.replayed ?? 0) + 1;
      changed();
    },
    reusedFrom(run) {
      counters.reusedFrom[run] = (counters.reusedFrom[run] ?? 0) + 1;
      changed();
    },
    waiting(reason) {
      if (counters.waiting === reason) return;
      counters.waiting = reason;
      changed();
    },
    paid: changed,
    async flush() {
      stopTimer();
      if (!isClosed) await write();
    },
    async close() {
      stopTimer();
      isClosed = true;
      await last;
      if (!isChanged) return;
      await write().catch((error: unknown) => {
        isClosed = false;
        throw error;
      });
    },
  };
}

/** Nothing is in flight in a run that is opened. */
function nodesOf(before: LiveCounters | null): LiveCounters['nodes'] {
  return Object.fromEntries(Object.entries(before?.nodes ?? {}).map(([name, node]) => [name, { ...node, inFlight: 0 }]));
}
