import type { ModelClient } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { OpenaiCompatibleClient } from './openai-compatible-client.ts';
import { jsonSchemaFormat, type OpenaiDialect } from './openai-dialect.ts';
import { VLLM_SCORING, withScoring } from './with-scoring.ts';

const VLLM: OpenaiDialect = {
  capabilities: () => ({ structuredOutput: true, samples: true, tools: true }),
  // vLLM makes guided decoding of it in every version; its own keys for that have changed names twice.
  format: (format) => jsonSchemaFormat(format),
  completions: { capabilities: { structuredOutput: true, samples: true, tools: false } },
};

export function createClient(options: ModelClientOptions): ModelClient {
  return withScoring(options, new OpenaiCompatibleClient(options, VLLM), VLLM_SCORING);
}
