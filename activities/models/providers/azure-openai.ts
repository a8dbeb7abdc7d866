import type { ModelClient } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { openaiCapabilities, openaiFormat } from './openai.ts';
import { OpenaiCompatibleClient } from './openai-compatible-client.ts';
import type { OpenaiDialect } from './openai-dialect.ts';

/** Versions before it know no `json_schema`. */
const FIRST_VERSION_WITH_SCHEMA = '2024-08-01';

const AZURE: OpenaiDialect = {
  capabilities: (model) => {
    const capabilities = openaiCapabilities(model);
    const isOld = /^\d{4}-/.test(model.apiVersion ?? '') && (model.apiVersion ?? '') < FIRST_VERSION_WITH_SCHEMA;
    return { ...capabilities, structuredOutput: capabilities.structuredOutput && !isOld };
  },
  format: openaiFormat,
  isAzure: true,
  completions: { capabilities: { structuredOutput: false, samples: true, tools: false } },
};

/** Deployments of Azure OpenAI, or its endpoints that end in `/openai/v1`. */
export function createClient(options: ModelClientOptions): ModelClient {
  return new OpenaiCompatibleClient(options, AZURE);
}
