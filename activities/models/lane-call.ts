import type { ModelClient } from './model-client.ts';
import type { GatewayPass } from './model-gateway.ts';

/** A call as the queue of a model sees it, whatever is asked of the client. */
export interface LaneCall<Result> {
  pass: GatewayPass;
  /** Tokens that it may use up; asked only where there is a budget. */
  tokens: () => number;
  attempt: (client: ModelClient, signals: AttemptSignals) => Promise<Result>;
  /** Tokens that it has used; 0 where the provider does not say. */
  usedTokens: (answer: Result) => number;
}

export interface AttemptSignals {
  signal: AbortSignal;
  /** Gives the attempt up as long as it has no connection. */
  unsentSignal: AbortSignal;
}

export interface LaneAnswer<Result> {
  answer: Result;
  /** Milliseconds from leaving the queue to the answer. */
  latencyMilliseconds: number;
  /** Redacted base url. */
  endpoint: string;
}
