import type { MetricMeter } from '@temporalio/common';
import { ModelCallError } from '../../activities/models/model-call-error.ts';
import type { GatewayPass, ModelGateway } from '../../activities/models/model-gateway.ts';
import type { ModelPlan } from '../../pipeline/plan.ts';
import { withCalls } from '../with-calls.ts';

/** How often windows and queues are looked at. */
const INTERVAL_MILLISECONDS = 1_000;

/** The same gateway, whose calls, tokens, failures and limiters are told to a meter. */
export function meterGateway(meter: MetricMeter, gateway: ModelGateway): { gateway: ModelGateway; close: () => void } {
  const calls = meter.createCounter('syngraph_model_calls', '', 'Attempts to call a model, by how they ended');
  const tokens = meter.createCounter('syngraph_model_tokens', '', 'Tokens of answers, by direction');
  const latency = meter.createHistogram('syngraph_model_call_seconds', 'float', 's', 'From leaving the queue to the answer');
  const gauges = {
    window: meter.createGauge('syngraph_limiter_window', 'float', '', 'Calls that the limiter lets out at once'),
    inFlight: meter.createGauge('syngraph_calls_in_flight', 'int', '', 'Calls that are under way'),
    queued: meter.createGauge('syngraph_calls_queued', 'int', '', 'Calls that wait for the limiter'),
  };
  const models = new Map<string, ModelPlan>();
  const look = (): void => {
    for (const [model, plan] of models) {
      const state = gateway.state(plan);
      for (const name of ['window', 'inFlight', 'queued'] as const) if (Number.isFinite(state[name])) gauges[name].set(state[name], { model });
    }
  };
  const timer = setInterval(look, INTERVAL_MILLISECONDS).unref();

  async function metered<Answer extends { latencyMilliseconds: number }>({ model, run }: GatewayPass, work: Promise<Answer>, usageOf: (answer: Answer) => { prompt: number; completion: number }): Promise<Answer> {
    models.set(model.name, model);
    const tags = { model: model.name, pipeline: run.replace(/\/[^/]*$/, '') };
    try {
      const answer = await work;
      const { prompt, completion } = usageOf(answer);
      calls.add(1, { ...tags, outcome: 'answered' });
      latency.record(answer.latencyMilliseconds / 1000, tags);
      tokens.add(prompt, { ...tags, direction: 'prompt' });
      tokens.add(completion, { ...tags, direction: 'completion' });
      return answer;
    } catch (error) {
      // Anything else was taken out of the queue, or is no failure of the endpoint.
      if (error instanceof ModelCallError) calls.add(1, { ...tags, outcome: error.reason });
      throw error;
    }
  }

  return {
    gateway: withCalls(gateway, {
      call: (options) => metered(options, gateway.call(options), ({ answer }) => ({ prompt: answer.usage.promptTokens, completion: answer.usage.completionTokens })),
      embed: (options) => metered(options, gateway.embed(options), ({ promptTokens }) => ({ prompt: promptTokens, completion: 0 })),
    }),
    close() {
      clearInterval(timer);
      look();
    },
  };
}
