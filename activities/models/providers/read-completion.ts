import { isJsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelAnswer } from '../model-client.ts';

type Sample = Pick<ModelAnswer, 'message' | 'finishReason' | 'refusal' | 'reasoning'>;

interface Completion {
  model?: string | null;
  choices: Choice[];
  usage?: {
    prompt_tokens?: number | null;
    completion_tokens?: number | null;
    prompt_tokens_details?: { cached_tokens?: number | null } | null;
    completion_tokens_details?: { reasoning_tokens?: number | null } | null;
  } | null;
}

interface Choice {
  message?: {
    content?: unknown;
    refusal?: string | null;
    tool_calls?: JsonValue[] | null;
    reasoning_content?: unknown;
    reasoning?: unknown;
    /** OpenAI's models that speak. */
    audio?: { data?: unknown; transcript?: unknown } | null;
    /** Models that draw, behind several gateways. */
    images?: JsonValue[] | null;
  } | null;
  text?: unknown;
  finish_reason?: string | null;
}

/**
 * An answer of chat completions, or of the completions API.
 * @param malformed makes the error for a body that is not what the API promises
 */
export function readCompletion(reply: unknown, malformed: (what: string) => Error): ModelAnswer {
  const completion = reply as Partial<Completion> | string | null | undefined;
  if (typeof completion !== 'object' || completion === null) throw malformed('its body is not a JSON object');
  const choices = Array.isArray(completion.choices) ? completion.choices : [];
  const [first, ...others] = choices.map((choice) => readChoice(choice, malformed));
  if (first === undefined) throw malformed('it has no choices');
  const { usage } = completion;
  const reasoningTokens = usage?.completion_tokens_details?.reasoning_tokens;
  const answer: ModelAnswer = {
    ...first,
    usage: {
      promptTokens: usage?.prompt_tokens ?? 0,
      completionTokens: usage?.completion_tokens ?? 0,
      cachedPromptTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      ...(reasoningTokens ? { reasoningTokens } : {}),
    },
    answeredBy: completion.model ?? null,
  };
  return others.length === 0 ? answer : { ...answer, alternatives: others };
}

function readChoice(choice: Choice | undefined, malformed: (what: string) => Error): Sample {
  if (typeof choice?.text === 'string') {
    return { message: { role: 'assistant', content: choice.text }, finishReason: choice.finish_reason ?? null, refusal: null };
  }
  const message = choice?.message;
  if (message === undefined || message === null) throw malformed('it has no choices');
  const { refusal, tool_calls: toolCalls } = message;
  const { content: said, thinking } = splitThinking(message.content);
  const content = withMedia(said, message);
  if (typeof content !== 'string' && !Array.isArray(content)) throw malformed('its content is neither text nor a list of parts');
  const sample: Sample = {
    message: { role: 'assistant', content },
    finishReason: choice?.finish_reason ?? null,
    refusal: refusal ?? null,
  };
  const reasoning = [message.reasoning_content, message.reasoning, thinking].find((text) => typeof text === 'string' && text !== '');
  if (typeof reasoning === 'string') sample.reasoning = reasoning;
  if (Array.isArray(toolCalls) && toolCalls.length > 0) sample.message.tool_calls = toolCalls.map(withTextArguments);
  return sample;
}

/** What the answer has beside its text, as parts of it. A sound has no type of its own: its content tells. */
function withMedia(content: unknown, { audio, images }: NonNullable<Choice['message']>): unknown {
  const media: JsonValue[] = (Array.isArray(images) ? images : []).filter(isJsonObject);
  if (typeof audio?.data === 'string') media.push({ type: 'audio_url', audio_url: { url: `data:application/octet-stream;base64,${audio.data}` } });
  if (media.length === 0) return content;
  const text = content === '' && typeof audio?.transcript === 'string' ? audio.transcript : content;
  return [...(Array.isArray(text) ? (text as JsonValue[]) : typeof text === 'string' && text !== '' ? [{ type: 'text', text }] : []), ...media];
}

/** Mistral's reasoning models answer with parts, of which some are thoughts: what is left is the answer, as a text where it is one. */
function splitThinking(content: unknown): { content: unknown; thinking: string } {
  if (content === null || content === undefined) return { content: '', thinking: '' };
  if (!Array.isArray(content)) return { content, thinking: '' };
  const parts = content as JsonValue[];
  const thoughts = parts.filter((part) => isJsonObject(part) && part.type === 'thinking');
  if (thoughts.length === 0) return { content, thinking: '' };
  const rest = parts.filter((part) => !thoughts.includes(part));
  const isText = rest.every((part) => isJsonObject(part) && typeof part.text === 'string');
  return { content: isText ? textOf(rest) : rest, thinking: textOf(thoughts.map((part) => (isJsonObject(part) ? (part.thinking ?? '') : ''))) };
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('');
  return isJsonObject(value) && typeof value.text === 'string' ? value.text : '';
}

/** TGI gives arguments as an object; everybody else reads a text. */
function withTextArguments(call: JsonValue): JsonValue {
  if (!isJsonObject(call) || !isJsonObject(call.function) || typeof call.function.arguments === 'string') return call;
  return { ...call, id: typeof call.id === 'number' ? String(call.id) : (call.id ?? null), function: { ...call.function, arguments: JSON.stringify(call.function.arguments ?? {}) } };
}
