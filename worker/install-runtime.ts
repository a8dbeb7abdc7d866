import { Runtime, type Logger } from '@temporalio/worker';
import type { MetricMeter } from '@temporalio/common';
import { SyngraphError } from '../pipeline/errors.ts';

let isInstalled = false;

export interface RuntimeSettings {
  /** host:port on which Prometheus finds the metrics of this process, under /metrics. Default: none are kept. */
  metricsAddress?: string | undefined;
}

/** Seconds; models take from a tenth to minutes. */
const LATENCY_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300];

/**
 * Has Temporal's runtime of this process log through ours. Call it before the first worker or
 * native connection; further calls change nothing, since a process has one runtime.
 */
export function installRuntime(logger: Logger, { metricsAddress }: RuntimeSettings = {}): void {
  if (isInstalled) return;
  isInstalled = true;
  const histogramBucketOverrides = { syngraph_model_call_seconds: LATENCY_BUCKETS };
  const metrics = metricsAddress === undefined ? {} : { metrics: { prometheus: { bindAddress: metricsAddress, countersTotalSuffix: true, useSecondsForDurations: true, histogramBucketOverrides } } };
  try {
    Runtime.install({
      logger,
      telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} }, ...metrics },
      // The command decides what Ctrl-C does, not the runtime.
      shutdownSignals: [],
    });
  } catch (cause) {
    if (metricsAddress === undefined) throw cause;
    throw new SyngraphError({ code: 'USAGE', message: `metrics cannot be served on ${metricsAddress}: ${cause instanceof Error ? cause.message : String(cause)}`, nextStep: 'Choose another --metrics-port, or a --metrics-host that is an IP address of this machine.', cause });
  }
}

/** Of the runtime that `installRuntime` has made: what it is told is served with Temporal's own. */
export function runtimeMeter(): MetricMeter {
  return Runtime.instance().metricMeter;
}
