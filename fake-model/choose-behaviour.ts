import type { Behaviour, FakeModelAnswer, FakeModelScript, RandomFailure } from './script.ts';

export interface Choice {
  behaviour: Behaviour;
  answer: FakeModelAnswer;
  /** Overload and wrong keys are told without waiting. */
  immediate: boolean;
}

export interface IncomingCall {
  prompt: string;
  /** Position of the call since the last reset, from 1. */
  number: number;
  /** Calls in flight, this one included. */
  inFlight: number;
  key: string | undefined;
}

interface LiveRule {
  pattern: RegExp;
  behaviour: Behaviour;
  answer: FakeModelAnswer | undefined;
  left: number;
}

/** Decides what one call gets. Keeps how often each rule was used. */
export class BehaviourChooser {
  readonly #script: FakeModelScript;
  readonly #random: () => number;
  readonly #rules: LiveRule[];

  constructor(script: FakeModelScript, random: () => number) {
    this.#script = script;
    this.#random = random;
    this.#rules = (script.rules ?? []).map((rule) => ({
      pattern: new RegExp(rule.match),
      behaviour: rule.behaviour ?? 'answer',
      answer: rule.answer,
      left: rule.times ?? Infinity,
    }));
  }

  choose(call: IncomingCall): Choice {
    const script = this.#script;
    const answer = script.answer ?? {};
    if (script.requireKey != null && call.key !== script.requireKey) return { behaviour: 401, answer, immediate: true };
    if (script.maxInFlight != null && call.inFlight > script.maxInFlight)
      return { behaviour: 429, answer, immediate: true };
    if (script.failAfterCalls != null && call.number > script.failAfterCalls.count) {
      return { behaviour: script.failAfterCalls.status, answer, immediate: false };
    }
    if (script.failureRate !== undefined && this.#random() < script.failureRate) {
      return { behaviour: this.#randomFailure(), answer, immediate: false };
    }
    for (const rule of this.#rules) {
      if (rule.left > 0 && rule.pattern.test(call.prompt)) {
        rule.left--;
        return { behaviour: rule.behaviour, answer: rule.answer ?? answer, immediate: false };
      }
    }
    return { behaviour: script.behaviour ?? 'answer', answer, immediate: false };
  }

  /** The status that every call fails with at present, whatever it says; null: calls differ. */
  failureOfAll(calls: number): number | null {
    const { behaviour, failAfterCalls } = this.#script;
    if (failAfterCalls != null && calls > failAfterCalls.count) return failAfterCalls.status;
    return typeof behaviour === 'number' && behaviour >= 400 ? behaviour : null;
  }

  #randomFailure(): Behaviour {
    const weights = Object.entries(
      this.#script.failureWeights ?? { '429': 1, '500': 1, cut_connection: 1, cut_body: 1 },
    );
    let left = this.#random() * weights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of weights) {
      left -= weight;
      if (left < 0)
        return name === '429' || name === '500' ? Number(name) : (name as Exclude<RandomFailure, '429' | '500'>);
    }
    return 500;
  }
}
