import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelAnswer, ModelClient, ModelRequest, ScoringRequest } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';

/** Log-probabilities of every token of a long text, with their words. */
const MAXIMUM_BYTES = 64 * 1024 * 1024;

/** How a server says how likely a text is, and which class it is of. Paths are relative to the endpoint's url. */
export interface ScoringApi {
  path(scoring: ScoringRequest): string;
  body(request: ModelRequest, scoring: ScoringRequest, modelId: string): JsonObject;
  /** null where the reply is not what the API promises. */
  classes(reply: JsonValue): { scores: number[]; labels: string[]; promptTokens: number } | null;
  /** The log-probability of each token; null for one that has none, as the first. */
  logProbabilities(reply: JsonValue): (number | null)[] | null;
}

/** The same client, which also answers requests with `scoring`: its message is then JSON. */
export function withScoring(options: ModelClientOptions, client: ModelClient, api: ScoringApi): ModelClient {
  const http = new ProviderHttp(options);
  const { model, endpoint } = options;
  return {
    capabilities: { ...client.capabilities, scores: true },
    ...(client.embed === undefined ? {} : { embed: client.embed.bind(client) }),
    probe: (signal) => client.probe(signal),
    async close() {
      await Promise.all([client.close(), http.close()]);
    },
    async complete(request, signal, unsentSignal) {
      const { scoring } = request;
      if (scoring === undefined) return client.complete(request, signal, unsentSignal);
      const headers = endpoint.key === null ? {} : { authorization: `Bearer ${endpoint.key}` };
      const reply = await http.post({ path: api.path(scoring), headers, body: api.body(request, scoring, model.modelId), signal, unsentSignal, maximumBodyBytes: MAXIMUM_BYTES });
      return scoring.kind === 'classes' ? classesOf(reply) : surpriseOf(reply, scoring.last);
    },
  };

  function classesOf(reply: JsonValue): ModelAnswer {
    const found = api.classes(reply);
    if (found === null || found.scores.length === 0 || !found.scores.every(Number.isFinite)) throw http.malformed('it has no scores of classes');
    const { scores, labels, promptTokens } = found;
    return answerOf({ kind: 'classes', scores, labels }, promptTokens);
  }

  function surpriseOf(reply: JsonValue, last: number | null): ModelAnswer {
    const all = api.logProbabilities(reply);
    if (all === null) throw http.malformed('it has no log-probabilities of the prompt');
    const known = all.filter((value) => value !== null && Number.isFinite(value));
    const counted = last === null ? known : known.slice(-last);
    return answerOf({ kind: 'surprise', tokens: counted.length, nll: -counted.reduce((sum: number, value) => sum + (value ?? 0), 0) }, all.length);
  }

  function answerOf(score: JsonObject, promptTokens: number): ModelAnswer {
    const usage = { promptTokens, completionTokens: 0, cachedPromptTokens: 0 };
    return { message: { role: 'assistant', content: JSON.stringify(score) }, finishReason: 'stop', refusal: null, usage, answeredBy: model.modelId };
  }
}

/** vLLM: `/classify` takes messages and renders them itself; the completions API tells the log-probabilities of a prompt. */
export const VLLM_SCORING: ScoringApi = {
  path: ({ kind }) => (kind === 'classes' ? '/../classify' : '/completions'),
  body: ({ messages }, scoring, modelId) =>
    scoring.kind === 'classes'
      ? { model: modelId, messages: messages as unknown as JsonValue, truncate_prompt_tokens: scoring.maximumTokens }
      : { model: modelId, prompt: textOf(messages), max_tokens: 1, temperature: 0, prompt_logprobs: 0 },
  classes(reply) {
    const [first] = isJsonObject(reply) && Array.isArray(reply.data) ? reply.data : [];
    if (!isJsonObject(first) || !isNumbers(first.probs)) return null;
    const usage = isJsonObject(reply) && isJsonObject(reply.usage) ? reply.usage.prompt_tokens : 0;
    return { scores: first.probs, labels: [], promptTokens: typeof usage === 'number' ? usage : 0 };
  },
  logProbabilities(reply) {
    const [first] = isJsonObject(reply) && Array.isArray(reply.choices) ? reply.choices : [];
    const list = isJsonObject(first) ? first.prompt_logprobs : null;
    if (!Array.isArray(list)) return null;
    // Each is a mapping from the prompt's own token, which comes first, to what is known of it.
    return list.map((each) => {
      const own = isJsonObject(each) ? Object.values(each)[0] : null;
      return isJsonObject(own) && typeof own.logprob === 'number' ? own.logprob : null;
    });
  },
};

/**
 * Text Embeddings Inference serves classifiers (`/predict`), Text Generation Inference models that tell how likely a
 * prompt is (`/generate` with `decoder_input_details`).
 */
export const TGI_SCORING: ScoringApi = {
  path: ({ kind }) => (kind === 'classes' ? '/../predict' : '/../generate'),
  body: ({ messages }, { kind }) =>
    kind === 'classes'
      ? { inputs: messages.map(({ role, content }) => `${role}: ${asText(content)}`).join('\n'), truncate: true, truncation_direction: 'Left' }
      : { inputs: textOf(messages), parameters: { max_new_tokens: 1, decoder_input_details: true, details: true } },
  classes(reply) {
    const list = Array.isArray(reply) && Array.isArray(reply[0]) ? reply[0] : reply;
    if (!Array.isArray(list)) return null;
    const classes = list.filter(isJsonObject).flatMap(({ label, score }) => (typeof label === 'string' && typeof score === 'number' ? [{ label, score }] : []));
    // The server sorts by score: the order of their names is the same for every text.
    classes.sort((one, other) => (one.label < other.label ? -1 : 1));
    return { scores: classes.map(({ score }) => score), labels: classes.map(({ label }) => label), promptTokens: 0 };
  },
  logProbabilities(reply) {
    const first = Array.isArray(reply) ? reply[0] : reply;
    const details = isJsonObject(first) ? first.details : null;
    const prefill = isJsonObject(details) ? details.prefill : null;
    return Array.isArray(prefill) ? prefill.map((each) => (isJsonObject(each) && typeof each.logprob === 'number' ? each.logprob : null)) : null;
  },
};

function textOf(messages: ModelRequest['messages']): string {
  return messages.map(({ content }) => asText(content)).join('\n');
}

function asText(content: ModelRequest['messages'][number]['content']): string {
  return typeof content === 'string' ? content : JSON.stringify(content);
}

function isNumbers(value: JsonValue | undefined): value is number[] {
  return Array.isArray(value) && value.every((number) => typeof number === 'number');
}
