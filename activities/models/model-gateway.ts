import type { JsonObject } from '../../pipeline/json.ts';
import type { ModelPlan } from '../../pipeline/plan.ts';
import type { ModelLimits } from '../../pipeline/run-control.ts';
import type { BatchApi } from '../provider-batches/batch-api.ts';
import type { LaneAnswer } from './lane-call.ts';
import type { EmbeddingAnswer, ModelAnswer, ModelCapabilities, ModelRequest } from './model-client.ts';

/**
 * The one door to all models of a worker: it waits for room in the limiter, picks the endpoint
 * with the fewest calls in flight, makes one attempt and tells the limiter how it went. Retrying
 * is up to the caller, who comes back to the end of the queue.
 */
export interface ModelGateway {
  /** @throws ModelCallError */
  call(options: GatewayCall): Promise<GatewayAnswer>;
  /** Vectors of texts, asked in one call of the model: how many texts fit into one is the caller's to know. @throws ModelCallError */
  embed(options: GatewayEmbedding): Promise<GatewayVectors>;
  /** What the model's endpoints can do by themselves: nothing where none is configured rightly, which a call then tells of. */
  capabilities(model: ModelPlan): Promise<ModelCapabilities>;
  /** The batch API of the model's provider. @throws ModelCallError where it has none */
  batches(model: ModelPlan): Promise<BatchApi>;
  /** Whether the model is answered by the built-in simulation because nothing else is configured. */
  isSimulated(model: ModelPlan): boolean;
  /** When any call to the model was last answered well, epoch milliseconds; 0 for never. */
  lastAnswerAt(model: ModelPlan): number;
  /** Whether an endpoint of the model is alive: it answers a cheap request, asked at most once a second, with anything but 429 and 5xx. */
  probe(model: ModelPlan, signal: AbortSignal): Promise<boolean>;
  state(model: ModelPlan): GatewayState;
  /** Names endpoints and where their keys come from, redacted, for messages. */
  describe(model: ModelPlan): string;
  /** Limits of a model for as long as a run has them set, instead of the plan's; null lifts them. They hold for all that share the model here, and the ones set last count. */
  limitModel(model: ModelPlan, run: string, limits: ModelLimits | null): void;
  /** Calls in flight that a run may have, instead of what its calls say; null lifts it. */
  limitRun(run: string, concurrency: number | null): void;
  /** 1 to 5: while a run of a smaller number has calls that wait, those of others do; null: 3. */
  prioritiseRun(run: string, priority: number | null): void;
  /** Endpoints whose url or key has changed in the environment are replaced. Cheap where nothing has. */
  refresh(): void;
  close(): Promise<void>;
}

/** What every way through the door has in common. */
export interface GatewayPass {
  model: ModelPlan;
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

export interface GatewayCall extends GatewayPass {
  request: ModelRequest;
  /**
   * Makes the request that is really sent once the attempt has left the queue, e.g. with the contents of
   * media; `release` is told when the attempt has ended. What it throws rejects the call before it is made.
   */
  materialise?: (request: ModelRequest, signal: AbortSignal) => Promise<MaterialisedRequest>;
}

export interface MaterialisedRequest {
  request: ModelRequest;
  release: () => void;
}

export interface GatewayEmbedding extends GatewayPass {
  texts: string[];
  /** As the provider's API names them. Default: none. */
  parameters?: JsonObject;
}

export interface GatewayVectors extends EmbeddingAnswer {
  latencyMilliseconds: number;
  endpoint: string;
}

export type GatewayAnswer = LaneAnswer<ModelAnswer>;

export interface GatewayState {
  inFlight: number;
  queued: number;
  window: number;
  /** 429 answers so far. */
  overloaded: number;
}
