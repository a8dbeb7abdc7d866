import type { ModelClient } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { OpenaiCompatibleClient } from './openai-compatible-client.ts';
import { renamed, type OpenaiDialect } from './openai-dialect.ts';
import { TGI_SCORING, withScoring } from './with-scoring.ts';

/** Text Generation Inference: its Messages API, with grammars under its own name. */
const TGI: OpenaiDialect = {
  capabilities: () => ({ structuredOutput: true, samples: false, tools: true }),
  format: ({ schema }) => ({ response_format: { type: 'json', value: schema } }),
  parameters: (parameters) => renamed(parameters, { max_new_tokens: 'max_tokens', stop_sequences: 'stop' }),
  completions: { capabilities: { structuredOutput: false, samples: false, tools: false } },
};

export function createClient(options: ModelClientOptions): ModelClient {
  return withScoring(options, new OpenaiCompatibleClient(options, TGI), TGI_SCORING);
}
