import type { ModelPlan } from '../../pipeline/model-plan.ts';
import { addDollars, countName, emptyCalls, type CallMetrics, type NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import { noteLatency } from '../../pipeline/metrics/latency-sketch.ts';
import type { ModelCallError } from '../models/model-call-error.ts';
import type { TokenUsage } from '../models/model-client.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import { costOfUsage } from './cost-of-usage.ts';

/** Characters of a name that comes from outside. */
const LONGEST_NAME = 100;

interface Answered {
  usage: TokenUsage;
  answeredBy: string | null;
  isBatch?: true;
}

/** One answer of one record. */
export interface AnswerNote {
  /** Of the record within its batch. */
  position: number;
  /** In the journal. */
  key: string;
  /** Its name in models.yaml. */
  model: string;
  /** Hash of what was asked: model, messages, parameters, tools. Only where rows tell where they come from, as `answeredBy`. */
  request?: string;
  answeredBy?: string | null;
}

export function createMeter(gateway: ModelGateway): CallMeter {
  return new CallMeter((model) => gateway.isSimulated(model));
}

/** Counts what one attempt of an activity asks models for. What is not accepted in the end is never added up. */
export class CallMeter {
  readonly #models: Record<string, CallMetrics> = {};
  readonly #reusedFrom: Record<string, number> = {};
  readonly #answers: AnswerNote[] = [];
  readonly #isSimulated: (model: ModelPlan) => boolean;

  constructor(isSimulated: (model: ModelPlan) => boolean) {
    this.#isSimulated = isSimulated;
  }

  /**
   * An answer that this run pays for.
   * @param milliseconds how long it took; null where the journal does not say
   * @returns dollars, null where no price is known
   */
  answered(model: ModelPlan, { usage, answeredBy, isBatch }: Answered, milliseconds: number | null): number | null {
    const calls = this.#of(model);
    const cost = this.#costOf(model, usage, isBatch);
    calls.calls += 1;
    calls.promptTokens += usage.promptTokens;
    calls.completionTokens += usage.completionTokens;
    calls.cachedTokens += usage.cachedPromptTokens;
    calls.reasoningTokens += usage.reasoningTokens ?? 0;
    calls.cost = addDollars(calls.cost, cost);
    calls.codes['200'] = (calls.codes['200'] ?? 0) + 1;
    if (milliseconds !== null) noteLatency(calls.latency, milliseconds);
    if (answeredBy !== null) countName(calls.answeredBy, answeredBy.slice(0, LONGEST_NAME), 1);
    return cost;
  }

  /** An answer that an earlier run has paid for. */
  reused(model: ModelPlan, { usage, answeredBy, isBatch }: Answered, run: string): void {
    const calls = this.#of(model);
    calls.reused += 1;
    calls.saved = addDollars(calls.saved, this.#costOf(model, usage, isBatch));
    if (answeredBy !== null) countName(calls.answeredBy, answeredBy.slice(0, LONGEST_NAME), 1);
    this.#reusedFrom[run] = (this.#reusedFrom[run] ?? 0) + 1;
  }

  failed(model: ModelPlan, { status, reason }: Pick<ModelCallError, 'status' | 'reason'>): void {
    const calls = this.#of(model);
    calls.failedCalls += 1;
    const code = String(status ?? reason);
    calls.codes[code] = (calls.codes[code] ?? 0) + 1;
  }

  /** A failed attempt is made again. */
  retried(model: ModelPlan): void {
    this.#of(model).retries += 1;
  }

  /** Which answer a record has got: the journal has it under its key. */
  noteAnswer(note: AnswerNote): void {
    this.#answers.push(note);
  }

  /** In the order in which they came. */
  get answers(): readonly AnswerNote[] {
    return this.#answers;
  }

  /** What was counted so far. */
  metrics(): Pick<NodeMetrics, 'models' | 'reusedFrom'> {
    return { models: this.#models, reusedFrom: this.#reusedFrom };
  }

  #of({ name }: ModelPlan): CallMetrics {
    return (this.#models[name] ??= emptyCalls());
  }

  #costOf(model: ModelPlan, usage: TokenUsage, isBatch?: true): number | null {
    return this.#isSimulated(model) ? 0 : costOfUsage(model, usage, isBatch);
  }
}
