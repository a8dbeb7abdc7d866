import type { JsonObject } from '../../../../pipeline/json.ts';
import type { ChatMessage, ModelRequest } from '../../../models/model-client.ts';

/** Asks for the structure in words, behind the last message of the user. */
export function instruct(request: ModelRequest, schema: JsonObject | null): ModelRequest {
  const wanted = schema === null ? '' : ` It must fit this JSON schema:\n${JSON.stringify(schema)}`;
  const text = `Answer with one JSON object and nothing else: no explanation, no code fence.${wanted}`;
  const last = request.messages.at(-1);
  if (last?.role !== 'user') return { ...request, messages: [...request.messages, { role: 'user', content: text }] };
  const content: ChatMessage['content'] = typeof last.content === 'string' ? `${last.content}\n\n${text}` : [...last.content, { type: 'text', text }];
  return { ...request, messages: [...request.messages.slice(0, -1), { ...last, content }] };
}
