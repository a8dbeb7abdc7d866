import { z } from 'zod';
import { ignored, isOff, jsonObject, refused } from './common-schema.ts';
import { strictObject, type UnsupportedKey } from './strict-object.ts';

const positiveInteger = z.int().min(1);

/** What both an entry of models.yaml and the `model` of a node may say. */
const settings = {
  parameters: jsonObject.nullish(),
  model: z.string().min(1).nullish(),
  model_name: z.string().min(1).nullish(),
  model_serving_name: z.string().min(1).nullish(),
  url: z
    .union([z.string().min(1), z.array(z.string().min(1))], { error: 'expected a url or a list of urls' })
    .nullish(),
  /** `$NAME` of an environment variable. */
  auth_token: z.string().nullish(),
  api_version: z.union([z.string(), z.number()], { error: 'expected a version' }).transform(String).nullish(),
  load_balancing: z.enum(['least_requests', 'round_robin']).nullish(),
  max_concurrency: positiveInteger.nullish(),
  requests_per_minute: positiveInteger.nullish(),
  tokens_per_minute: positiveInteger.nullish(),
  /** Seconds. */
  timeout: z.number().positive().max(86_400).nullish(),
  retry_attempts: positiveInteger.max(1000).nullish(),
  ssl_verify: z.boolean().nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  extra_headers: z.record(z.string(), z.string()).nullish(),
  stop: z.union([z.string(), z.array(z.string())], { error: 'expected a text or a list of texts' }).nullish(),
  price: strictObject({ name: 'a price', shape: { input: z.number().min(0), output: z.number().min(0) } }).nullish(),
};

const parameter: UnsupportedKey = {
  level: 'error',
  message: 'is a parameter of the request',
  hint: 'Put it under parameters.',
};

const unsupported: Record<string, UnsupportedKey> = {
  structured_output: refused('Ask for JSON in the prompt and list its keys in output_keys.'),
  post_process: refused('Set post_process on the node.'),
  completions_api: refused('Only the chat completions API is used so far.'),
  modify_tokenizer: refused(),
  chat_template_params: refused('Pass chat_template_kwargs under parameters.'),
  additional_params: refused('Put them under parameters.'),
  json_payload: refused(),
  ssl_cert: refused('Set NODE_EXTRA_CA_CERTS in the environment.'),
  input_type: { level: 'error', hint: 'Only text so far.', harmless: (value) => isOff(value) || value === 'text' },
  output_type: { level: 'error', hint: 'Only text so far.', harmless: (value) => isOff(value) || value === 'text' },
  image_capabilities: refused(),
  voice: refused(),
  speed: refused(),
  language: refused(),
  backend: {
    level: 'warning',
    hint: 'Models are called directly.',
    harmless: (value) => isOff(value) || value === 'litellm' || value === 'custom',
  },
  provider: ignored('The type of the model in models.yaml decides.'),
  client_type: ignored('The type of the model decides.'),
  hf_chat_template_model_id: { level: 'warning', harmless: () => true },
  special_tokens: { level: 'warning', harmless: () => true },
  multi_modal: { level: 'warning', harmless: () => true },
  delay: ignored('requests_per_minute spaces calls out.'),
  max_retries: ignored('retry_attempts says how many failures a record may have.'),
  ...Object.fromEntries(
    [
      'temperature',
      'max_tokens',
      'max_completion_tokens',
      'top_p',
      'seed',
      'frequency_penalty',
      'presence_penalty',
      'response_format',
      'reasoning_effort',
    ].map((key) => [key, parameter]),
  ),
};

/** Types of SyGra and ours that can be called. */
export const MODEL_TYPES = ['openai', 'azure_openai', 'vllm', 'tgi', 'ollama', 'azure'] as const;
/** Types of SyGra that are recognised but not called yet. */
export const LATER_MODEL_TYPES = ['mistralai', 'triton', 'vertex_ai', 'bedrock'] as const;

export const modelEntrySchema = strictObject({
  name: 'a model of models.yaml',
  shape: { model_type: z.enum(MODEL_TYPES), ...settings },
  unsupported,
});

export const nodeModelSchema = strictObject({
  name: 'the model of a node',
  shape: { name: z.string().min(1), model_type: z.enum(MODEL_TYPES).optional(), ...settings },
  unsupported,
});

export type ModelEntry = z.output<typeof modelEntrySchema>;
export type NodeModel = z.output<typeof nodeModelSchema>;
