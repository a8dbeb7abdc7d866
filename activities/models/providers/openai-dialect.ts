import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import type { ChatMessage, ModelCapabilities, ModelRequest } from '../model-client.ts';

/** Where a provider differs from OpenAI's chat completions. */
export interface OpenaiDialect {
  capabilities: (model: ModelPlan) => ModelCapabilities;
  /** The fields of the body that ask for JSON of a schema. */
  format: (format: NonNullable<ModelRequest['format']>) => JsonObject;
  /** Parameters as the provider names them. Default: as they are. */
  parameters?: (parameters: JsonObject) => JsonObject;
  /** Default: as it is. */
  toolChoice?: (choice: JsonValue) => JsonValue;
  /** Default: as they are. */
  messages?: (messages: ChatMessage[]) => ChatMessage[];
  modelId?: (model: ModelPlan) => string;
  /** The key goes into a header `api-key`, and calls carry an `api-version`. */
  isAzure?: boolean;
  /** The package's own variables for organisation and project hold for it. */
  isOpenai?: boolean;
  /** Gives the key for each call, where it is not a fixed text. */
  key?: () => Promise<string>;
  /** The completions API's path, where `completions_api` may be asked for. Default `/completions`. */
  completions?: { capabilities: ModelCapabilities };
}

/** `response_format` with a name and a schema, as most servers take it. */
export function jsonSchemaFormat(format: NonNullable<ModelRequest['format']>, more: JsonObject = {}): JsonObject {
  return { response_format: { type: 'json_schema', json_schema: { name: formatName(format.name), schema: format.schema, ...more } } };
}

/** What OpenAI takes as the name of a format or tool: at most 64 letters, digits, `_` and `-`. */
export function formatName(name: string): string {
  return name.replace(/[^\w-]+/g, '_').slice(0, 64) || 'answer';
}

/** Renames keys that stand there. */
export function renamed(parameters: JsonObject, names: Record<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(parameters).map(([key, value]) => [names[key] ?? key, value]));
}
