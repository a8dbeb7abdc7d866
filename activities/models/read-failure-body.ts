import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';

export interface FailureWords {
  code: string | null;
  type: string | null;
  message: string;
}

const LONGEST_TEXT = 2000;

/**
 * The code, the type and the words of a provider's error body. OpenAI, Anthropic and Google put them into
 * `error`, Google into a list of one; Mistral, AWS and FastAPI have them at the top as `message` or `detail`; Ollama, TGI,
 * Triton and Hugging Face say `error: text`.
 */
export function readFailureBody(body: string): FailureWords {
  const parsed = parse(body);
  const whole = Array.isArray(parsed) ? parsed[0] : parsed;
  // A page of HTML, or nothing.
  if (!isJsonObject(whole)) return { code: null, type: null, message: body.trimStart().startsWith('<') ? '' : body.slice(0, LONGEST_TEXT) };
  const inner: JsonObject = isJsonObject(whole.error) ? whole.error : whole;
  const text = [whole.error, inner.message, inner.Message, inner.detail, whole.detail].find((value) => typeof value === 'string' && value !== '');
  return {
    code: textOf(inner.code ?? inner.error_type),
    type: textOf(inner.type ?? inner.status ?? inner.__type),
    message: (typeof text === 'string' ? text : JSON.stringify(inner.message ?? inner.detail ?? inner)).slice(0, LONGEST_TEXT),
  };
}

function parse(body: string): JsonValue {
  try {
    return JSON.parse(body) as JsonValue;
  } catch {
    // Not every server answers a fault with JSON.
    return body;
  }
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
