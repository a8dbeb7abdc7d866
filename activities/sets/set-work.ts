import type { SetOperationPlan } from '../../pipeline/plan.ts';
import type { NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { CallMeter } from '../metrics/call-meter.ts';
import type { RunContext } from '../run/run-context.ts';
import type { SetRecord } from './set-decision.ts';

export interface SetWork {
  dependencies: ActivityDependencies;
  run: RunContext;
  /** Of the node, for messages. */
  name: string;
  operation: SetOperationPlan;
  /** All records of the set, in input order; may be asked for more than once, and gives the same each time. */
  records: () => AsyncIterable<SetRecord>;
  signal: AbortSignal;
  /** Where embeddings are kept, so that another attempt does not pay for them again. */
  journal: SetJournal;
  /** Counted into as the work goes. */
  statistics: NodeStatistics;
  /** Counts what models are asked for, beside `statistics`. */
  meter: CallMeter;
  /** Throws where another worker may have taken the attempt over: asked before each call. */
  assertHeld: () => void;
}

export interface SetJournal {
  /** Key of a folder of the set's own in the store. */
  folder: string;
  /** Names what this attempt writes; unique among all attempts. */
  attempt: string;
}

/** The work for one kind of operation. */
export type WorkFor<Kind extends SetOperationPlan['kind']> = SetWork & {
  operation: Extract<SetOperationPlan, { kind: Kind }>;
};
