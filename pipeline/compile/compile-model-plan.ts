import { readVariableName } from '../environment-variable.ts';
import type { JsonObject } from '../json.ts';
import { DEFAULT_LOCAL_MODEL, MODEL_TYPES, type CompletionsPlan, type ModelPlan, type ModelType, type ProviderPlan, type ProviderSetting } from '../model-plan.ts';
import { LOOSE_PARAMETERS, MEDIA_KEYS, type ModelEntry } from '../schema/model-schema.ts';

export type ModelSettings = Partial<ModelEntry>;

const DEFAULT_TIMEOUT_SECONDS = 120;
const DEFAULT_MAX_ATTEMPTS = 6;

/** The plan of a model from what models.yaml and the node say together. */
export function modelPlanOf(name: string, settings: ModelSettings): ModelPlan {
  const type = settings.model_type === 'azure' ? 'azure_openai' : (settings.model_type ?? 'openai');
  const servedAs = type === 'vllm' || type === 'tgi' ? settings.model_serving_name : null;
  const headers = { ...settings.headers, ...settings.extra_headers };
  return {
    name,
    type,
    modelId: servedAs ?? settings.model ?? settings.model_name ?? settings.model_serving_name ?? (type === 'local' ? DEFAULT_LOCAL_MODEL : name),
    url: Array.isArray(settings.url) ? settings.url.join('|') : (settings.url ?? null),
    tokenVariable: readVariableName(settings.auth_token ?? ''),
    apiVersion: settings.api_version ?? null,
    loadBalancing: settings.load_balancing ?? 'least_requests',
    maxConcurrency: settings.max_concurrency ?? null,
    requestsPerMinute: settings.requests_per_minute ?? null,
    tokensPerMinute: settings.tokens_per_minute ?? null,
    delaySeconds: settings.delay ?? 0,
    timeoutSeconds: settings.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    maxAttempts: settings.retry_attempts ?? (settings.max_retries == null ? DEFAULT_MAX_ATTEMPTS : settings.max_retries + 1),
    verifyTls: settings.ssl_verify ?? true,
    certificateFile: settings.ssl_cert ?? null,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => readVariableName(value) === null)),
    secretHeaders: secretHeaders(headers),
    price: settings.price ?? null,
    specialTokens: settings.special_tokens ?? [],
    completions: completionsOf(settings),
    outputType: settings.output_type ?? 'text',
    media: definedOnly(Object.fromEntries(MEDIA_KEYS.map((key) => [key, settings[key]]))) as JsonObject,
    provider: providerOf(settings),
    ...(settings.mode === 'batch' ? { batch: { pollSeconds: settings.batch_poll ?? null } } : {}),
    ...(settings.otherwise == null ? {} : { otherwise: modelPlanOf(name, settings.otherwise) }),
  };
}

/** The request's parameters that the settings give, `parameters` before looser spellings. */
export function parametersOf(settings: ModelSettings): JsonObject {
  const loose = Object.fromEntries(LOOSE_PARAMETERS.map((key) => [key, settings[key]]));
  const stop = settings.stop ? { stop: settings.stop } : {};
  return { ...stop, ...(definedOnly(loose) as JsonObject), ...settings.additional_params, ...settings.parameters };
}

/** The type that SyGra's `provider` of a node means; null where it says nothing that is known. */
export function typeOfProvider(provider: string | null | undefined): ModelType | null {
  if (provider === 'azure') return 'azure_openai';
  return MODEL_TYPES.find((type) => type === provider) ?? null;
}

function secretHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([header, value]) => {
      const variable = readVariableName(value);
      return variable === null ? [] : [[header, variable]];
    }),
  );
}

function completionsOf(settings: ModelSettings): CompletionsPlan | null {
  if (settings.completions_api !== true) return null;
  return {
    templateModel: settings.hf_chat_template_model_id ?? null,
    ownTemplate: settings.modify_tokenizer === true || settings.hf_chat_template_model_id == null,
    templateParameters: settings.chat_template_params ?? {},
  };
}

function providerOf(settings: ModelSettings): ProviderPlan {
  const variables = {
    accessKeyId: readVariableName(settings.aws_access_key_id ?? ''),
    secretAccessKey: readVariableName(settings.aws_secret_access_key ?? ''),
    sessionToken: readVariableName(settings.aws_session_token ?? ''),
    credentials: readVariableName(settings.vertex_credentials ?? ''),
  };
  const payload = settings.json_payload;
  return {
    region: settingOf(settings.region_name ?? settings.aws_region_name ?? settings.vertex_location),
    project: settingOf(settings.vertex_project),
    variables: definedOnly(variables),
    payload: typeof payload === 'boolean' || payload === undefined ? null : payload,
    payloadKey: settings.payload_key ?? null,
    responsePath: settings.response_path ?? settings.response_key ?? null,
  };
}

function settingOf(given: string | null | undefined): ProviderSetting | null {
  if (given === null || given === undefined) return null;
  const variable = readVariableName(given);
  return variable === null ? { value: given } : { variable };
}

export type Defined<Settings> = { [Key in keyof Settings]?: NonNullable<Settings[Key]> };

export function definedOnly<Settings extends object>(settings: Settings): Defined<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== null),
  ) as Defined<Settings>;
}
