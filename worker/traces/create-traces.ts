import { ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import type { Logger } from '@temporalio/common';
import type { WorkerInterceptors } from '@temporalio/worker';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActivityMeter } from '../../activities/activity-meter.ts';
import type { ModelGateway } from '../../activities/models/model-gateway.ts';
import { createTracer } from './create-tracer.ts';
import { traceActivities } from './trace-activities.ts';
import { traceGateway } from './trace-gateway.ts';
import type { TraceSettings } from './trace-settings.ts';

export interface FollowedRun {
  pipeline: string;
  run: string;
  startedAt: number;
  /** How it ended, in a word. */
  outcome: string;
}

export interface WorkerTraces {
  /** The same gateway, with its calls traced. */
  gateway: ModelGateway;
  /** Of activities only: workflows, and so their histories, are the same with traces and without. */
  interceptors: WorkerInterceptors;
  activities: ActivityMeter;
  /** Somebody has followed a run, from `startedAt` (epoch milliseconds) until now. */
  runFollowed(run: FollowedRun): void;
  /** Hands over what is left. */
  close(): Promise<void>;
}

export function createTraces(settings: TraceSettings, { gateway, logger }: { gateway: ModelGateway; logger: Logger }): WorkerTraces {
  const open = createTracer(settings, logger);
  const active = new AsyncLocalStorage<Span>();
  return {
    gateway: traceGateway(open.tracer, gateway, active),
    interceptors: { activity: [traceActivities(open, active)] },
    activities: {
      nodeStarted({ node }) {
        active.getStore()?.updateName(`node ${node}`).setAttribute('syngraph.node', node);
      },
      nodeDone({ statistics: { records, failed, reused } }) {
        active.getStore()?.setAttributes({ 'syngraph.records': records, 'syngraph.failed': failed, 'syngraph.reused': reused });
      },
      batchDone({ counts: { written, failed, filtered, cancelled } }) {
        active.getStore()?.setAttributes({ 'syngraph.written': written, 'syngraph.failed': failed, 'syngraph.filtered': filtered, 'syngraph.cancelled': cancelled });
      },
    },
    runFollowed({ pipeline, run, startedAt, outcome }) {
      const attributes = { 'syngraph.pipeline': pipeline, 'syngraph.run': run, 'syngraph.outcome': outcome };
      open.ids.within(`${pipeline}/${run}`, () => open.tracer.startSpan(`run ${pipeline}`, { attributes, startTime: startedAt }, ROOT_CONTEXT)).end();
    },
    close: () => open.close(),
  };
}
