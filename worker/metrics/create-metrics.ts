import type { MetricMeter } from '@temporalio/common';
import type { ActivityMeter } from '../../activities/activity-meter.ts';
import type { ModelGateway } from '../../activities/models/model-gateway.ts';
import { meterGateway } from './meter-gateway.ts';

export interface WorkerMetrics {
  /** The same gateway, with its calls measured. */
  gateway: ModelGateway;
  activities: ActivityMeter;
  close(): void;
}

/** Nothing is measured unless somebody listens. */
export function createMetrics(meter: MetricMeter, gateway: ModelGateway): WorkerMetrics {
  const metered = meterGateway(meter, gateway);
  return { gateway: metered.gateway, activities: createActivityMeter(meter), close: metered.close };
}

function createActivityMeter(meter: MetricMeter): ActivityMeter {
  const nodeRecords = meter.createCounter('syngraph_node_records', '', 'Records that a node has done, by outcome');
  const reused = meter.createCounter('syngraph_reused_answers', '', 'Answers taken from the journal instead of a call');
  const records = meter.createCounter('syngraph_records', '', 'Records that have come to their end, by outcome');
  const failures = meter.createCounter('syngraph_failed_records', '', 'Failed records by node and cause; of each batch only those that got a workflow');
  return {
    nodeDone({ pipeline, node, statistics }) {
      const { records: all, failed } = statistics;
      if (all > failed) nodeRecords.add(all - failed, { pipeline, node, outcome: 'done' });
      if (failed > 0) nodeRecords.add(failed, { pipeline, node, outcome: 'failed' });
      if (statistics.reused > 0) reused.add(statistics.reused, { pipeline, node });
    },
    batchDone({ pipeline, counts, failures: failed }) {
      for (const outcome of ['written', 'failed', 'filtered', 'cancelled'] as const) {
        if (counts[outcome] > 0) records.add(counts[outcome], { pipeline, outcome });
      }
      for (const { node, code } of failed) failures.add(1, { pipeline, node, error: code });
    },
  };
}
