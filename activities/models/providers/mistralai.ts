import type { ChatMessage, ModelClient } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { OpenaiCompatibleClient } from './openai-compatible-client.ts';
import { jsonSchemaFormat, renamed, type OpenaiDialect } from './openai-dialect.ts';

/** Mistral's own API, and its deployments on Azure. */
const MISTRAL: OpenaiDialect = {
  capabilities: () => ({ structuredOutput: true, samples: true, tools: true }),
  format: (format) => jsonSchemaFormat(format, { strict: true }),
  parameters: (parameters) => renamed(parameters, { seed: 'random_seed', max_completion_tokens: 'max_tokens' }),
  toolChoice: (choice) => (choice === 'required' ? 'any' : choice),
  messages: (messages) => messages.map(withoutName),
};

/** Mistral refuses keys that it does not know; of `name` it takes that of a tool. */
function withoutName(message: ChatMessage): ChatMessage {
  if (message.role === 'tool' || message.name === undefined) return message;
  const { name: _, ...rest } = message;
  return rest;
}

export function createClient(options: ModelClientOptions): ModelClient {
  return new OpenaiCompatibleClient(options, MISTRAL);
}
