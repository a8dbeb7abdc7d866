import type { ModelPlan } from '../../../pipeline/plan.ts';
import type { ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import { OpenaiCompatibleClient } from './openai-compatible-client.ts';
import { jsonSchemaFormat, type OpenaiDialect } from './openai-dialect.ts';
import { strictSchema } from './strict-schema.ts';

/** Models from before structured outputs, which answer such a request with 400. */
const WITHOUT_SCHEMA = /^(gpt-3\.5|gpt-4($|-)|gpt-4o(-mini)?-(audio|realtime)|gpt-4o-2024-05-13|gpt-audio|o1-(mini|preview)|davinci|babbage)/;
/** Reasoning models give one answer a call. */
const WITHOUT_SAMPLES = /^(o\d|gpt-5)/;

export function openaiCapabilities({ modelId }: ModelPlan): ModelCapabilities {
  return { structuredOutput: !WITHOUT_SCHEMA.test(modelId), samples: !WITHOUT_SAMPLES.test(modelId), tools: true };
}

/** Strict where the schema can be said so; else the model is only asked to keep to it. */
export function openaiFormat(format: NonNullable<ModelRequest['format']>): JsonObject {
  const strict = strictSchema(format.schema);
  return jsonSchemaFormat({ ...format, schema: strict ?? format.schema }, { strict: strict !== null });
}

const OPENAI: OpenaiDialect = {
  capabilities: openaiCapabilities,
  format: openaiFormat,
  isOpenai: true,
  completions: { capabilities: { structuredOutput: false, samples: true, tools: false } },
};

/** OpenAI itself, and whatever server calls itself so. */
export function createClient(options: ModelClientOptions): ModelClient {
  return new OpenaiCompatibleClient(options, OPENAI);
}
