import type { ServerResponse } from 'node:http';
import type { Behaviour, FakeModelAnswer } from './script.ts';
import { writeAnswer } from './write-answer.ts';

export interface ResponseOptions {
  behaviour: Behaviour;
  answer: FakeModelAnswer;
  prompt: string;
  hash: number;
  model: string;
  kind: 'chat' | 'text';
  promptTokens: number;
  retryAfterSeconds: number | null;
}

const JSON_TYPE = 'application/json';
const REFUSAL = 'I am sorry, but I cannot help with that.';
const HUGE_BYTES = 5 * 1024 * 1024;

/** Sends what the behaviour asks for. `hang` is left to the caller, who must not call this then. */
export function writeResponse(response: ServerResponse, options: ResponseOptions): number | 'cut' {
  const { behaviour } = options;
  if (typeof behaviour === 'number') return writeFailure(response, behaviour, options.retryAfterSeconds);
  switch (behaviour) {
    case 'cut_connection':
      response.socket?.destroy();
      return 'cut';
    case 'cut_body': {
      const body = completion(options, 'stop');
      response.writeHead(200, ['Content-Type', JSON_TYPE, 'Content-Length', String(Buffer.byteLength(body))]);
      response.write(body.slice(0, body.length >> 1), () => response.socket?.destroy());
      return 'cut';
    }
    case 'bad_json':
      return send(response, 200, '{"choices": [{"message": {"role": "assistant", "content": "unfin');
    case 'empty_choices':
      return send(
        response,
        200,
        `{"id":"fake","object":"chat.completion","model":${JSON.stringify(options.model)},"choices":[]}`,
      );
    case 'huge':
      return send(response, 200, completion({ ...options, answer: { text: 'x'.repeat(HUGE_BYTES) } }, 'stop'));
    case 'length':
      return send(response, 200, completion(options, 'length'));
    case 'content_filter':
      return send(response, 200, completion({ ...options, answer: { text: '' } }, 'content_filter'));
    case 'empty':
      return send(response, 200, completion({ ...options, answer: { text: '' } }, 'stop'));
    default:
      return send(response, 200, completion(options, 'stop'));
  }
}

/** Built by hand: the parts around the text never need escaping. */
function completion(options: ResponseOptions, finishReason: string): string {
  const isRefusal = options.behaviour === 'refuse';
  const text = isRefusal ? '' : writeAnswer(options);
  const content = isRefusal ? 'null' : JSON.stringify(text);
  const completionTokens = Math.ceil(text.length / 4);
  const choice =
    options.kind === 'chat'
      ? `"message":{"role":"assistant","content":${content},"refusal":${isRefusal ? JSON.stringify(REFUSAL) : 'null'}}`
      : `"text":${content}`;
  return (
    `{"id":"fake-${options.hash.toString(16)}","object":"${options.kind === 'chat' ? 'chat.completion' : 'text_completion'}",` +
    `"created":0,"model":${JSON.stringify(options.model)},"choices":[{"index":0,${choice},"finish_reason":"${finishReason}"}],` +
    `"usage":{"prompt_tokens":${options.promptTokens},"completion_tokens":${completionTokens},` +
    `"total_tokens":${options.promptTokens + completionTokens}}}`
  );
}

function writeFailure(response: ServerResponse, status: number, retryAfterSeconds: number | null): number {
  if (status === 429 && retryAfterSeconds !== null) response.setHeader('Retry-After', String(retryAfterSeconds));
  const code = FAILURE_CODES[status] ?? 'fake_failure';
  return send(
    response,
    status,
    `{"error":{"message":"The fake model answers ${status} as its script says.","type":"fake_failure","code":"${code}"}}`,
  );
}

const FAILURE_CODES: Record<number, string> = {
  401: 'invalid_api_key',
  402: 'insufficient_quota',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
};

function send(response: ServerResponse, status: number, body: string): number {
  response.writeHead(status, ['Content-Type', JSON_TYPE, 'Content-Length', String(Buffer.byteLength(body))]);
  response.end(body);
  return status;
}
