import type { ModelClient } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { createGoogleToken } from './google-token.ts';
import { OpenaiCompatibleClient } from './openai-compatible-client.ts';
import { jsonSchemaFormat, type OpenaiDialect } from './openai-dialect.ts';

/** Google's models through Vertex AI's endpoint that speaks OpenAI's protocol. */
const VERTEX: OpenaiDialect = {
  capabilities: () => ({ structuredOutput: true, samples: true, tools: true }),
  format: (format) => jsonSchemaFormat(format),
  // Models are named with their publisher there.
  modelId: ({ modelId }) => (modelId.includes('/') ? modelId : `google/${modelId}`),
};

export function createClient(options: ModelClientOptions): ModelClient {
  const key = createGoogleToken(options);
  return new OpenaiCompatibleClient(options, key === null ? VERTEX : { ...VERTEX, key });
}
