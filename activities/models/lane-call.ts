import type { ModelClient } from './model-client.ts';
import type { GatewayPass } from './model-gateway.ts';

/** A call as the queue of a model sees it, whatever is asked of the client. */
export interface LaneCall<Result> extends Omit<GatewayPass, 'model'> {
  /** Tokens that it may use up; asked only where there is a budget. */
  tokens: () => number;
  attempt: (client: ModelClient, signals: AttemptSignals) => Promise<Result>;
  /** Tokens that it has used; 0 where the provider does not say. */
  usedTokens: (result: Result) => number;
}

export interface AttemptSignals {
  signal: AbortSignal;
  /** Gives the attempt up as long as it has no connection. */
  unsentSignal: AbortSignal;
}

export interface LaneAnswer<Result> {
  result: Result;
  latencyMilliseconds: number;
  endpoint: string;
}
