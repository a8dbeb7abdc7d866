import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { ModelCallError } from '../../activities/models/model-call-error.ts';
import type { GatewayPass, ModelGateway } from '../../activities/models/model-gateway.ts';
import { withCalls } from '../with-calls.ts';

/**
 * The same gateway, with a span per attempt that has left the queue, below the activity's. Attributes follow
 * OpenTelemetry's conventions for generative AI as far as they say nothing of what was asked and answered.
 */
export function traceGateway(tracer: Tracer, gateway: ModelGateway, active: AsyncLocalStorage<Span>): ModelGateway {
  async function traced<Options extends GatewayPass, Answer>(options: Options, { operation, ask, usageOf }: { operation: string; ask: (options: Options) => Promise<Answer>; usageOf: (answer: Answer) => Attributes }): Promise<Answer> {
    const parent = active.getStore();
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
    const queuedAt = performance.now();
    let span: Span | undefined;
    const onStart = (): void => {
      options.onStart?.();
      const { model, run } = options;
      const separator = run.lastIndexOf('/');
      span = tracer.startSpan(`${operation} ${model.name}`, {
        kind: SpanKind.CLIENT,
        attributes: {
          'gen_ai.operation.name': operation,
          'gen_ai.request.model': model.name,
          'syngraph.pipeline': run.slice(0, separator),
          'syngraph.run': run.slice(separator + 1),
          'syngraph.queue_seconds': (performance.now() - queuedAt) / 1000,
        },
      }, context);
    };
    try {
      const answer = await ask({ ...options, onStart });
      span?.setAttributes({ ...usageOf(answer), 'syngraph.outcome': 'answered' });
      return answer;
    } catch (error) {
      const outcome = error instanceof ModelCallError ? error.reason : 'abandoned';
      span?.setAttributes({ 'syngraph.outcome': outcome, 'error.type': outcome });
      if (error instanceof ModelCallError && error.status !== undefined) span?.setAttribute('http.response.status_code', error.status);
      span?.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span?.end();
    }
  }

  return withCalls(gateway, {
    call: (options) =>
      traced(options, {
        operation: 'chat',
        ask: (pass) => gateway.call(pass),
        usageOf: ({ answer: { usage } }) => ({ 'gen_ai.usage.input_tokens': usage.promptTokens, 'gen_ai.usage.output_tokens': usage.completionTokens }),
      }),
    embed: (options) =>
      traced(options, { operation: 'embeddings', ask: (pass) => gateway.embed(pass), usageOf: ({ promptTokens }) => ({ 'gen_ai.usage.input_tokens': promptTokens }) }),
  });
}
