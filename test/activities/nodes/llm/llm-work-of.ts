import { createMeter } from '../../../../activities/metrics/call-meter.ts';
import type { ModelGateway } from '../../../../activities/models/model-gateway.ts';
import type { NodeWork } from '../../../../activities/nodes/node-work.ts';
import type { Plan } from '../../../../pipeline/plan.ts';
import { emptyStatistics } from '../../../../pipeline/run-statistics.ts';
import { modelPlanOf } from '../../models/model-plan-of.ts';
import { nodeWorkOf } from '../node-work-of.ts';

export interface LlmWorkSettings {
  plan: Plan;
  /** What is asked of it; the rest says that a real endpoint is there. */
  gateway: Partial<ModelGateway>;
  storeFolder: string;
  attempt: string;
  journalFolder: string;
}

/** The work of an llm node called `ask` on one record whose text is "Hi". */
export function llmWorkOf({ plan, gateway, storeFolder, attempt, journalFolder }: LlmWorkSettings): NodeWork {
  const base = nodeWorkOf({ name: 'ask', storeFolder, records: [{ state: { text: 'Hi' } }] });
  const live = { add: () => undefined, waiting: () => undefined, reusedFrom: () => undefined, replayed: () => undefined, enter: () => undefined };
  const run = {
    ...base.run, live, plan: { ...plan, models: { writer: modelPlanOf() } }, bundlePath: null,
    description: { seed: 1, simulatedModels: [], reference: { pipeline: 'demo', run: 'one' }, concurrency: 10 },
    steering: { hold: () => new AbortController().signal, notePaid: () => undefined },
    earlier: async () => null, firstAttempts: () => ({ note: () => undefined, failureShare: () => 0 }),
  };
  const defaults: Partial<ModelGateway> = { isSimulated: () => false, refresh: () => undefined, lastAnswerAt: () => 0 };
  return {
    ...base, run, dependencies: { ...base.dependencies, gateway: { ...defaults, ...gateway } }, index: 0, journalFolder, attempt, sequence: 0, epoch: 0,
    statistics: emptyStatistics(), meter: createMeter({ isSimulated: () => false } as unknown as ModelGateway), assertHeld: () => undefined,
  } as unknown as NodeWork;
}
