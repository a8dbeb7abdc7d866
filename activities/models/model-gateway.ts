import type { ModelPlan } from '../../pipeline/plan.ts';
import type { ModelAnswer, ModelRequest } from './model-client.ts';

/**
 * The one door to all models of a worker: it waits for room in the limiter, picks the endpoint
 * with the fewest calls in flight, makes one attempt and tells the limiter how it went. Retrying
 * is up to the caller, who comes back to the end of the queue.
 */
export interface ModelGateway {
  /** @throws ModelCallError */
  call(options: GatewayCall): Promise<GatewayAnswer>;
  /** Whether the model is answered by the built-in simulation because nothing else is configured. */
  isSimulated(model: ModelPlan): boolean;
  /** When any call to the model was last answered well, epoch milliseconds; 0 for never. */
  lastAnswerAt(model: ModelPlan): number;
  /** Whether an endpoint of the model is alive: it answers a cheap request, asked at most once a second, with anything but 429 and 5xx. */
  probe(model: ModelPlan, signal: AbortSignal): Promise<boolean>;
  state(model: ModelPlan): GatewayState;
  /** Names endpoints and where their keys come from, redacted, for messages. */
  describe(model: ModelPlan): string;
  /** Endpoints whose url or key has changed in the environment are replaced. Cheap where nothing has. */
  refresh(): void;
  close(): Promise<void>;
}

export interface GatewayCall {
  model: ModelPlan;
  request: ModelRequest;
  /** Runs of one worker are served in turn. */
  run: string;
  /** Calls in flight that this run may have over all its models. */
  runConcurrency: number;
  /** Takes the call out of the queue. */
  signal: AbortSignal;
  /** Gives the call up once it is under way; default: `signal`. A call in flight is paid for, so it is worth waiting for. */
  flightSignal?: AbortSignal;
  /** Told when the attempt leaves the queue; what it throws rejects the call before it is made. */
  onStart?: () => void;
}

export interface GatewayAnswer {
  answer: ModelAnswer;
  /** Milliseconds from leaving the queue to the answer. */
  latencyMilliseconds: number;
  /** Redacted base url. */
  endpoint: string;
}

export interface GatewayState {
  inFlight: number;
  queued: number;
  window: number;
  /** 429 answers so far. */
  overloaded: number;
}
