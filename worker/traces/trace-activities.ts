import { ROOT_CONTEXT, SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api';
import type { Info } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { AsyncLocalStorage } from 'node:async_hooks';
import type { OpenTracer } from './create-tracer.ts';

/** A span per attempt of an activity; `active` has it for whatever the activity calls. */
export function traceActivities({ tracer, ids }: Pick<OpenTracer, 'tracer' | 'ids'>, active: AsyncLocalStorage<Span>): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      execute(input, next) {
        const { trace, attributes } = placeOf(input.args[0], info);
        const span = ids.within(trace, () => tracer.startSpan(info.activityType, { attributes }, ROOT_CONTEXT));
        return active.run(span, async () => {
          try {
            return await next(input);
          } catch (error) {
            // The code alone: messages may quote what a model has said.
            span.setStatus({ code: SpanStatusCode.ERROR });
            span.setAttribute('error.type', failureType(error));
            throw error;
          } finally {
            span.end();
          }
        });
      },
    },
  });
}

/** The batch that an activity works for has a trace; what a run does outside its batches is in one of the run. */
function placeOf(input: unknown, info: Info): { trace: string; attributes: Attributes } {
  const { run, range, batch, phase, epoch } = (input ?? {}) as { run?: { pipeline?: string; run?: string }; range?: number; batch?: number; phase?: number; epoch?: number };
  const workflowId = info.workflowExecution?.workflowId ?? '';
  const runName = typeof run?.pipeline === 'string' ? `${run.pipeline}/${run.run}` : workflowId;
  const trace = typeof batch === 'number' ? `${runName}/${range}/${batch}` : runName;
  const attributes: Attributes = {
    temporalWorkflowId: workflowId,
    temporalRunId: info.workflowExecution?.runId,
    temporalActivityId: info.activityId,
    'syngraph.pipeline': run?.pipeline,
    'syngraph.run': run?.run,
    'syngraph.range': range,
    'syngraph.batch': batch,
    'syngraph.phase': phase,
    'syngraph.epoch': epoch,
    'syngraph.attempt': info.attempt,
  };
  return { trace, attributes };
}

function failureType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'type' in error && typeof error.type === 'string' ? error.type : error.name;
}
