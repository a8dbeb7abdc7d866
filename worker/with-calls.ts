import type { ModelGateway } from '../activities/models/model-gateway.ts';

/** The same gateway, whose calls go another way. */
export function withCalls(gateway: ModelGateway, calls: Pick<ModelGateway, 'call' | 'embed'>): ModelGateway {
  return {
    ...calls,
    capabilities: (model) => gateway.capabilities(model),
    batches: (model) => gateway.batches(model),
    isSimulated: (model) => gateway.isSimulated(model),
    lastAnswerAt: (model) => gateway.lastAnswerAt(model),
    probe: (model, signal) => gateway.probe(model, signal),
    state: (model) => gateway.state(model),
    describe: (model) => gateway.describe(model),
    limitModel: (model, run, limits) => gateway.limitModel(model, run, limits),
    limitRun: (run, concurrency) => gateway.limitRun(run, concurrency),
    prioritiseRun: (run, priority) => gateway.prioritiseRun(run, priority),
    refresh: () => gateway.refresh(),
    close: () => gateway.close(),
  };
}
