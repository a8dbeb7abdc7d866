import type { ModelRequest } from './model-client.ts';

/** English prose has about four characters to a token; enough for budgets, not for bills. */
const CHARACTERS_PER_TOKEN = 4;
const DEFAULT_ANSWER_TOKENS = 256;

/** Tokens of a text, about. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** Tokens of the messages alone. */
export function estimatePromptTokens(request: ModelRequest): number {
  let tokens = 0;
  for (const { content } of request.messages) {
    tokens += estimateTokens(typeof content === 'string' ? content : JSON.stringify(content));
  }
  return tokens;
}

/** Tokens that a call may use up, its answer included: what is reserved before the true number is known. */
export function estimateCallTokens(request: ModelRequest): number {
  const { max_tokens: maximum, max_completion_tokens: maximumCompletion } = request.parameters;
  const limit = maximumCompletion ?? maximum;
  return estimatePromptTokens(request) + (typeof limit === 'number' ? limit : DEFAULT_ANSWER_TOKENS);
}
