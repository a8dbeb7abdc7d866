import type { Plan } from '../../pipeline/plan.ts';
import { addStatistics, emptyStatistics, type NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { LiveCounters } from './run-files.ts';
import type { Paid } from './steering/caps.ts';

const INTERVAL_MILLISECONDS = 500;

/** Writes what this worker is doing for a run to `live/<worker>.json`, for people who watch. */
export interface LiveMonitor {
  add(node: string, statistics: Partial<NodeStatistics>): void;
  /** A record has entered (+1) or left (-1) a node. */
  enter(node: string, records: number): void;
  reusedFrom(run: string): void;
  /** Why calls wait; null when they no longer do. */
  waiting(reason: string | null): void;
  /** Writes what has changed since; resolves when it is in the store. */
  flush(): Promise<void>;
}

export interface LiveMonitorOptions {
  dependencies: ActivityDependencies;
  folder: string;
  plan: Plan;
  paid: () => Paid;
}

export function createLiveMonitor({ dependencies, folder, plan, paid }: LiveMonitorOptions): LiveMonitor {
  const counters: LiveCounters = { updatedAt: '', nodes: {}, models: {}, reusedFrom: {}, waiting: null, paid: paid() };
  let timer: NodeJS.Timeout | null = null;

  async function write(): Promise<void> {
    timer = null;
    counters.updatedAt = new Date().toISOString();
    counters.paid = paid();
    for (const [name, model] of Object.entries(plan.models)) counters.models[name] = dependencies.gateway.state(model);
    await dependencies.store.write(`${folder}/live/${dependencies.workerName}.json`, JSON.stringify(counters));
  }

  function changed(): void {
    timer ??= setTimeout(() => {
      // These counters are for showing; a disk that is full is reported by what must be written.
      write().catch(() => undefined);
    }, INTERVAL_MILLISECONDS).unref();
  }

  const nodeOf = (name: string) => (counters.nodes[name] ??= { ...emptyStatistics(), inFlight: 0 });

  return {
    add(node, statistics) {
      const known = nodeOf(node);
      Object.assign(known, addStatistics(known, { ...emptyStatistics(), ...statistics }));
      changed();
    },
    enter(node, records) {
      nodeOf(node).inFlight += records;
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
    async flush() {
      if (timer !== null) clearTimeout(timer);
      await write();
    },
  };
}
