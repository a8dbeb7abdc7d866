import type { NodeStatistics, RecordCounts } from '../pipeline/run-statistics.ts';

/** Told by activities what they have done, for whoever watches this worker. An attempt that is repeated is told of twice. */
export interface ActivityMeter {
  /** An activity works for a node. */
  nodeStarted?(started: { node: string }): void;
  /** A node has done its records of a batch. */
  nodeDone(done: { pipeline: string; node: string; statistics: NodeStatistics }): void;
  /** Records have come to their end. */
  batchDone(done: { pipeline: string; counts: RecordCounts; failures: readonly { node: string; code: string }[] }): void;
}
