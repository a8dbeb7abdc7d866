import type { ModelPlan } from '../../pipeline/plan.ts';
import type { ModelLimits } from '../../pipeline/run-control.ts';
import type { BatchApi } from '../provider-batches/batch-api.ts';
import { estimateCallTokens, estimateTokens } from './estimate-tokens.ts';
import type { AttemptSignals, LaneAnswer, LaneCall } from './lane-call.ts';
import { ModelCallError } from './model-call-error.ts';
import type { EmbeddingAnswer, ModelAnswer, ModelCapabilities, ModelClient } from './model-client.ts';
import type { ModelClientOptions, ModelEndpoint } from './model-endpoint.ts';
import type { GatewayAnswer, GatewayCall, GatewayEmbedding, GatewayState, GatewayVectors, ModelGateway } from './model-gateway.ts';
import { mediaTaskOf } from './media/media-task.ts';
import type { LaneEndpoint } from './lane-endpoints.ts';
import { ModelLane } from './model-lane.ts';
import type { JoinRate } from './rate-member.ts';
import { MODEL_PROVIDERS, type ModelProvider } from './model-registry.ts';
import { variablePrefix } from './model-variables.ts';
import { redactSecrets } from './redact-secrets.ts';
import { resolveEndpoints } from './resolve-endpoints.ts';
import { RunSlots } from './run-slots.ts';
import { withoutSpecialTokens } from './special-tokens.ts';
import { watchAbort } from './watch-abort.ts';

export interface ModelGatewayOptions {
  /** Read when a model is first used and at every `refresh`. Default: `process.env`. */
  environment?: () => NodeJS.ProcessEnv;
  /** Shares the rates of models with other workers. Default: they are this worker's alone. */
  joinRate?: JoinRate;
}

const NO_CAPABILITIES: ModelCapabilities = { structuredOutput: false, samples: false, tools: false };
const SIMULATED_ENDPOINT: ModelEndpoint = { url: '', displayUrl: 'built-in simulation', key: null, keyVariable: '' };

/** Makes the one door to all models of a worker. */
export function createModelGateway(options: ModelGatewayOptions = {}): ModelGateway {
  return new EnvironmentModelGateway(options.environment ?? (() => process.env), options.joinRate ?? null);
}

interface ModelEntry {
  lane: ModelLane;
  isSimulated: boolean;
  /** Why the model has no endpoint although something is configured. */
  failure: ModelCallError | null;
}

class EnvironmentModelGateway implements ModelGateway {
  readonly #environment: () => NodeJS.ProcessEnv;
  readonly #joinRate: JoinRate | null;
  readonly #slots = new RunSlots();
  /** Plans are parsed anew for each activity: equal ones share one entry. */
  readonly #entries = new Map<string, ModelEntry>();
  readonly #entriesByPlan = new WeakMap<ModelPlan, ModelEntry>();
  #isRoomDue = false;
  /** Which model is offered room first. */
  #turn = 0;
  #isClosed = false;

  constructor(environment: () => NodeJS.ProcessEnv, joinRate: JoinRate | null) {
    this.#environment = environment;
    this.#joinRate = joinRate;
  }

  call(call: GatewayCall): Promise<GatewayAnswer> {
    return this.#submit<ModelAnswer>({
      pass: call,
      tokens: () => estimateCallTokens(call.request),
      attempt: (client, signals) => complete(client, call, signals),
      usedTokens: ({ usage }) => usage.promptTokens + usage.completionTokens,
    });
  }

  async embed(call: GatewayEmbedding): Promise<GatewayVectors> {
    const { model, texts, parameters = {} } = call;
    const { answer, ...facts } = await this.#submit<EmbeddingAnswer>({
      pass: call,
      tokens: () => texts.reduce((sum, text) => sum + estimateTokens(text), 0),
      attempt: async (client, { signal, unsentSignal }) => {
        if (client.embed === undefined) throw withoutEmbeddings(model);
        return client.embed({ texts, parameters }, signal, unsentSignal);
      },
      usedTokens: ({ promptTokens }) => promptTokens,
    });
    return { ...answer, ...facts };
  }

  async capabilities(model: ModelPlan): Promise<ModelCapabilities> {
    const { lane, failure } = this.#entryOf(model);
    if (failure !== null) return NO_CAPABILITIES;
    try {
      return (await lane.anyClient()).capabilities;
    } catch (error) {
      if (error instanceof ModelCallError) return NO_CAPABILITIES;
      throw error;
    }
  }

  async batches(model: ModelPlan): Promise<BatchApi> {
    const { batches } = await this.#openLane(model).anyClient();
    if (batches !== undefined) return batches;
    throw new ModelCallError({ kind: 'configuration', reason: 'rejected', message: `Model "${model.name}": models of type ${model.type} have no batch API here; leave out mode: batch.` });
  }

  isSimulated(model: ModelPlan): boolean {
    return this.#entryOf(model).isSimulated;
  }

  lastAnswerAt(model: ModelPlan): number {
    return this.#entryOf(model).lane.lastAnswerAt;
  }

  async probe(model: ModelPlan, signal: AbortSignal): Promise<boolean> {
    const { lane, failure } = this.#entryOf(model);
    signal.throwIfAborted();
    return failure === null && unlessAborted(lane.probe(), signal);
  }

  state(model: ModelPlan): GatewayState {
    return this.#entryOf(model).lane.state;
  }

  describe(model: ModelPlan): string {
    const { lane, isSimulated, failure } = this.#entryOf(model);
    if (failure !== null) return failure.message;
    if (isSimulated) {
      return `model "${model.name}": built-in simulation; set ${variablePrefix(model.name)}_URL for a real endpoint`;
    }
    const endpoints = lane.endpoints.map(({ displayUrl, key, keyVariable }) =>
      keyVariable === ''
        ? displayUrl
        : key === null
          ? `${displayUrl} without a key (${keyVariable} is not set)`
          : `${displayUrl} with the key from ${keyVariable}`,
    );
    return `model "${model.name}": ${endpoints.join(', ')}`;
  }

  limitModel(model: ModelPlan, run: string, limits: ModelLimits | null): void {
    this.#entryOf(model).lane.limit(run, limits);
  }

  limitRun(run: string, concurrency: number | null): void {
    if (this.#slots.limit(run, concurrency)) for (const { lane } of this.#entries.values()) lane.pump();
  }

  prioritiseRun(run: string, priority: number | null): void {
    this.#slots.prioritise(run, priority);
  }

  refresh(): void {
    for (const entry of this.#entries.values()) this.#resolve(entry);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#entries.values()].map(({ lane }) => lane.close()));
  }

  /** Not an async function: every record comes by here, and its promises are what a call costs most. */
  #submit<Result>(call: LaneCall<Result>): Promise<LaneAnswer<Result>> {
    try {
      return this.#openLane(call.pass.model).submit(call);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** @throws ModelCallError where the model's settings make no endpoint */
  #openLane(model: ModelPlan): ModelLane {
    if (this.#isClosed) throw new Error('The model gateway is closed.');
    const { lane, failure } = this.#entryOf(model);
    if (failure !== null) throw failure;
    return lane;
  }

  #entryOf(model: ModelPlan): ModelEntry {
    const known = this.#entriesByPlan.get(model);
    if (known !== undefined) return known;
    const identity = JSON.stringify(model);
    let entry = this.#entries.get(identity);
    if (entry === undefined) {
      const lane = new ModelLane({ model, slots: this.#slots, onRoom: () => this.#offerRoomSoon(), joinRate: this.#joinRate });
      entry = { lane, isSimulated: false, failure: null };
      this.#resolve(entry);
      this.#entries.set(identity, entry);
    }
    this.#entriesByPlan.set(model, entry);
    return entry;
  }

  #resolve(entry: ModelEntry): void {
    const environment = this.#environment();
    const { model } = entry.lane;
    try {
      const endpoints = resolveEndpoints(model, environment);
      entry.failure = null;
      entry.isSimulated = endpoints.length === 0;
      const used = entry.isSimulated ? [SIMULATED_ENDPOINT] : endpoints;
      entry.lane.setEndpoints(
        used.map((endpoint) => laneEndpoint({ model, endpoint, environment }, entry.isSimulated)),
      );
    } catch (error) {
      if (!(error instanceof ModelCallError)) throw error;
      entry.failure = error;
      entry.isSimulated = false;
    }
  }

  /** Once all answers that have arrived are read and journaled: a crash loses those that a new call was put before. */
  #offerRoomSoon(): void {
    if (this.#isRoomDue) return;
    this.#isRoomDue = true;
    setImmediate(() => {
      this.#isRoomDue = false;
      this.#offerRoom();
    });
  }

  /** Models take turns at the places of a run: else one that always has work would keep the others waiting. */
  #offerRoom(): void {
    const lanes = [...this.#entries.values()].map(({ lane }) => lane);
    this.#turn = (this.#turn + 1) % lanes.length;
    for (const lane of [...lanes.slice(this.#turn), ...lanes.slice(0, this.#turn)]) lane.pump();
  }
}

/** The client's own promise where nothing is left to be done with it, as for most records. */
function complete(client: ModelClient, call: GatewayCall, signals: AttemptSignals): Promise<ModelAnswer> {
  const { model, request } = call;
  if (request.scoring !== undefined && client.capabilities.scores !== true) throw withoutScores(model);
  const answering = call.materialise === undefined ? client.complete(request, signals.signal, signals.unsentSignal) : completeMaterialised(client, { ...call, materialise: call.materialise }, signals);
  return model.specialTokens.length === 0 ? answering : answering.then((answer) => withoutSpecialTokens(model, answer));
}

async function completeMaterialised(client: ModelClient, call: Required<Pick<GatewayCall, 'request' | 'materialise'>>, { signal, unsentSignal }: AttemptSignals): Promise<ModelAnswer> {
  const { request, release } = await call.materialise(call.request, signal);
  try {
    return await client.complete(request, signal, unsentSignal);
  } finally {
    release();
  }
}

function withoutEmbeddings(model: ModelPlan): ModelCallError {
  const message = `Model "${model.name}": models of type ${model.type} give no embeddings; name one that has a /v1/embeddings endpoint, e.g. of type openai or vllm.`;
  return new ModelCallError({ kind: 'configuration', reason: 'rejected', message });
}

function withoutScores(model: ModelPlan): ModelCallError {
  const message = `Model "${model.name}": models of type ${model.type} score no texts; quality rules take those of type vllm or tgi, or models that run in the worker.`;
  return new ModelCallError({ kind: 'configuration', reason: 'rejected', message });
}

/** The work itself goes on: others may wait for it too. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stopWatching = watchAbort(signal, () => reject(signal.reason as Error));
    work.then(resolve, reject).finally(stopWatching);
  });
}

function laneEndpoint(options: ModelClientOptions, isSimulated: boolean): LaneEndpoint {
  const provider = MODEL_PROVIDERS[isSimulated ? 'simulated' : options.model.type];
  return { endpoint: options.endpoint, createClient: () => createClient(provider, options, isSimulated) };
}

async function createClient(provider: ModelProvider, options: ModelClientOptions, isSimulated: boolean): Promise<ModelClient> {
  const { model, environment } = options;
  try {
    const client = (await provider.load()).createClient(options);
    if (isSimulated || mediaTaskOf(model) === null) return client;
    return await (await import('./media/with-media.ts')).withMedia(options, client);
  } catch (error) {
    if (error instanceof ModelCallError) throw error;
    const said = redactSecrets(error instanceof Error ? error.message : String(error), environment);
    const message = `Model "${model.name}": its client cannot be made: ${said}`;
    throw new ModelCallError({ kind: 'configuration', reason: 'rejected', message });
  }
}
