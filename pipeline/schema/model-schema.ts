import { z } from 'zod';
import { MODEL_TYPES } from '../model-plan.ts';
import { functionPath, ignored, jsonObject, jsonValue } from './common-schema.ts';
import { fallbacksSchema } from './fallbacks-schema.ts';
import { strictObject, type UnsupportedKey } from './strict-object.ts';
import { structuredOutput } from './structured-output.ts';

const positiveInteger = z.int().min(1);
const text = z.string().min(1);

/** Parameters of the request that may stand outside `parameters`, as SyGra's own tasks have them. */
export const LOOSE_PARAMETERS = [
  'temperature',
  'max_tokens',
  'max_completion_tokens',
  'max_new_tokens',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'reasoning_effort',
] as const;

/** Keys that say how media are made and read; carried to the clients as they are. */
export const MEDIA_KEYS = ['input_type', 'voice', 'speed', 'response_format', 'language', 'image_capabilities'] as const;

const mediaSettings = {
  input_type: z.enum(['text', 'image', 'audio']).nullish(),
  output_type: z.enum(['text', 'image', 'audio']).nullish(),
  voice: text.nullish(),
  speed: z.number().min(0.25).max(4).nullish(),
  response_format: z.union([text, jsonObject], { error: 'expected the name of a format, or a mapping' }).nullish(),
  language: text.nullish(),
  image_capabilities: strictObject({
    name: 'image_capabilities',
    shape: { prompt_char_limit: positiveInteger.nullish(), max_edit_images: positiveInteger.nullish() },
  }).nullish(),
};

const completionsSettings = {
  completions_api: z.boolean().nullish(),
  hf_chat_template_model_id: text.nullish(),
  modify_tokenizer: z.boolean().nullish(),
  chat_template_params: jsonObject.nullish(),
  special_tokens: z.array(text, { error: 'expected a list of texts' }).nullish(),
};

const providerSettings = {
  aws_access_key_id: z.string().nullish(),
  aws_secret_access_key: z.string().nullish(),
  aws_session_token: z.string().nullish(),
  region_name: text.nullish(),
  aws_region_name: text.nullish(),
  vertex_project: text.nullish(),
  vertex_location: text.nullish(),
  vertex_credentials: z.string().nullish(),
  /** SyGra's switch says how its own client encodes a body, which means nothing here. */
  json_payload: z.union([z.boolean(), jsonValue], { error: 'expected the body of a request, or true or false' }).nullish(),
  payload_key: text.nullish(),
  response_path: text.nullish(),
  response_key: text.nullish(),
};

/** What both an entry of models.yaml and the `model` of a node may say. */
const settings = {
  parameters: jsonObject.nullish(),
  additional_params: jsonObject.nullish(),
  model: text.nullish(),
  model_name: text.nullish(),
  model_serving_name: text.nullish(),
  url: z.union([text, z.array(text)], { error: 'expected a url or a list of urls' }).nullish(),
  /** `$NAME` of an environment variable. */
  auth_token: z.string().nullish(),
  api_version: z.union([z.string(), z.number()], { error: 'expected a version' }).transform(String).nullish(),
  load_balancing: z.enum(['least_requests', 'round_robin']).nullish(),
  max_concurrency: positiveInteger.nullish(),
  requests_per_minute: positiveInteger.nullish(),
  tokens_per_minute: positiveInteger.nullish(),
  /** Seconds. */
  delay: z.number().min(0).max(3600).nullish(),
  /** Seconds. */
  timeout: z.number().positive().max(86_400).nullish(),
  retry_attempts: positiveInteger.max(1000).nullish(),
  max_retries: z.int().min(0).max(1000).nullish(),
  ssl_verify: z.boolean().nullish(),
  ssl_cert: text.nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  extra_headers: z.record(z.string(), z.string()).nullish(),
  stop: z.union([z.string(), z.array(z.string())], { error: 'expected a text or a list of texts' }).nullish(),
  price: strictObject({ name: 'a price', shape: { input: z.number().min(0), output: z.number().min(0), cached: z.number().min(0).optional() } }).nullish(),
  structured_output: structuredOutput.nullish(),
  post_process: functionPath.nullish(),
  ...Object.fromEntries(LOOSE_PARAMETERS.map((key) => [key, jsonValue.nullish()])) as Record<(typeof LOOSE_PARAMETERS)[number], z.ZodOptional<z.ZodNullable<typeof jsonValue>>>,
  ...mediaSettings,
  ...completionsSettings,
  ...providerSettings,
};

const unsupported: Record<string, UnsupportedKey> = {
  backend: {
    level: 'warning',
    hint: 'Models are called directly.',
    harmless: (value) => value !== 'proxy',
  },
  client_type: ignored('The type of the model decides.'),
  multi_modal: { level: 'warning', harmless: () => true },
};

/** Types of SyGra that stand for one company's own proxies. */
export const LATER_MODEL_TYPES = ['claude_proxy', 'gemini_proxy'] as const;

const modelType = z.enum([...MODEL_TYPES, 'azure']);

/** `batch`: by the provider's batch API. */
const batchSettings = { mode: z.enum(['single', 'batch']).nullish(), batch_poll: z.number().positive().max(3600).nullish() };

/** Answers where a model of type local cannot be had: no registry in reach, no ONNX Runtime. */
const otherwise = strictObject({ name: 'the model under otherwise', shape: { model_type: modelType, ...settings }, unsupported });

export const modelEntrySchema = strictObject({
  name: 'a model of models.yaml',
  shape: { model_type: modelType, ...settings, ...batchSettings, fallbacks: fallbacksSchema.nullish(), otherwise: otherwise.nullish() },
  unsupported: { ...unsupported, provider: ignored('The model_type decides.') },
});

export const nodeModelSchema = strictObject({
  name: 'the model of a node',
  shape: { name: text, model_type: modelType.optional(), provider: text.nullish(), ...settings, ...batchSettings, fallbacks: fallbacksSchema.nullish() },
  unsupported,
});

export type ModelEntry = z.output<typeof modelEntrySchema>;
export type NodeModel = z.output<typeof nodeModelSchema>;
