import type { JsonObject, JsonValue } from './json.ts';

/** Providers, as `model_type` names them; `azure` is another spelling of azure_openai. */
export const MODEL_TYPES = [
  'openai',
  'azure_openai',
  'vllm',
  'tgi',
  'ollama',
  'mistralai',
  'anthropic',
  'bedrock',
  'vertex_ai',
  'huggingface',
  'triton',
  'http',
  'local',
] as const;

/** What models of type `local` run where nothing is named. */
export const DEFAULT_LOCAL_MODEL = 'SmolLM2-135M-Instruct';

/** What gives texts vectors where nothing is named. */
export const DEFAULT_EMBEDDING_MODEL = 'all-MiniLM-L6-v2';

export type ModelType = (typeof MODEL_TYPES)[number] | 'simulated';

export interface ModelPlan {
  /** Key in models.yaml; names the environment variables SYGRA_<NAME>_URL and _TOKEN. */
  name: string;
  type: ModelType;
  /** What the request's `model` field says. */
  modelId: string;
  /** Base url from models.yaml; the environment wins. `|` separates several. */
  url: string | null;
  /** Environment variable from `auth_token: $NAME`; null: SYGRA_<NAME>_TOKEN, then the provider's own such as OPENAI_API_KEY. */
  tokenVariable: string | null;
  apiVersion: string | null;
  loadBalancing: 'least_requests' | 'round_robin';
  maxConcurrency: number | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  /** Seconds between the starts of two calls of one worker. Default 0. */
  delaySeconds: number;
  /** Seconds until one call is given up. Default 120. */
  timeoutSeconds: number;
  /** Failed calls that a record may have before it counts as poison. Default 6. */
  maxAttempts: number;
  verifyTls: boolean;
  /** PEM file with a certificate to trust besides the usual ones; relative to the worker's folder. */
  certificateFile: string | null;
  headers: Record<string, string>;
  /** Headers whose values stand in environment variables: name to variable. */
  secretHeaders: Record<string, string>;
  /** Dollars per million tokens where models.yaml says so; `cached` holds for prompt tokens that the provider had cached, default: as input. */
  price: { input: number; output: number; cached?: number | undefined } | null;
  /** Texts that are cut out of every answer. */
  specialTokens: string[];
  /** null: the chat completions API. */
  completions: CompletionsPlan | null;
  /** What the model makes. Default text. */
  outputType: 'text' | 'image' | 'audio';
  /** `input_type`, `voice`, `speed`, `response_format`, `language` and `image_capabilities`, as models.yaml has them. */
  media: JsonObject;
  provider: ProviderPlan;
  /** Requests go to the provider's batch API, at half the price, and records wait for it. Absent: each is a call of its own. */
  batch?: BatchModePlan;
  /** Takes the place of a local model that cannot be had where the run is started; absent: nothing does. */
  otherwise?: ModelPlan;
}

export interface BatchModePlan {
  /** Seconds between two looks at a batch; null: more and more, from 15 to 300. */
  pollSeconds: number | null;
}

/** The completions API: messages are made one text by a chat template. */
export interface CompletionsPlan {
  /** Repository on the Hub, or a folder with tokenizer_config.json; null: the template is in SYGRA_<NAME>_CHAT_TEMPLATE. */
  templateModel: string | null;
  /** The template in the environment wins over that of `templateModel`. */
  ownTemplate: boolean;
  /** Handed to the template besides the messages. */
  templateParameters: JsonObject;
}

/** Settings that only some providers have; null where models.yaml does not say. */
export interface ProviderPlan {
  /** Of AWS or Google Cloud: a name, or the variable that holds it. */
  region: ProviderSetting | null;
  /** Google Cloud's project. */
  project: ProviderSetting | null;
  /** Environment variables that hold secrets, by what they hold. */
  variables: { accessKeyId?: string; secretAccessKey?: string; sessionToken?: string; credentials?: string };
  /** Template of the request's body. */
  payload: JsonValue | null;
  /** Key of the request's body that takes the prompt, where there is no template. */
  payloadKey: string | null;
  /** Where the answer's text is in the response, e.g. `outputs[0].text`. */
  responsePath: string | null;
}

export type ProviderSetting = { value: string } | { variable: string };
