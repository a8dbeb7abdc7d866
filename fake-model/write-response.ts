import type { ServerResponse } from 'node:http';
import type { ParsedCall } from './read-call.ts';
import type { Behaviour, BrokenClass, FakeModelAnswer } from './script.ts';
import { writeReply, type Reply } from './write-reply.ts';

export interface ResponseOptions {
  call: ParsedCall;
  behaviour: Behaviour;
  answer: FakeModelAnswer;
  hash: number;
  promptTokens: number;
  retryAfterSeconds: number | null;
  breakage: BrokenClass | null;
}

export interface WrittenResponse {
  status: number | 'cut';
  broken: BrokenClass | null;
  callsTools: boolean;
}

const JSON_TYPE = 'application/json';
const REFUSAL = 'I am sorry, but I cannot help with that.';
const HUGE_BYTES = 5 * 1024 * 1024;

/** Sends what the behaviour asks for. `hang` is left to the caller, who must not call this then. */
export function writeResponse(response: ServerResponse, options: ResponseOptions): WrittenResponse {
  const { behaviour } = options;
  const replyAs = (finishReason: string, text?: string): Reply =>
    writeReply({
      ...options,
      finishReason,
      refusal: behaviour === 'refuse' ? REFUSAL : null,
      answer: text === undefined ? options.answer : { text },
    });
  if (typeof behaviour === 'number') return plain(writeFailure(response, behaviour, options.retryAfterSeconds));
  switch (behaviour) {
    case 'cut_connection':
      response.socket?.destroy();
      return plain('cut');
    case 'cut_body': {
      const { contentType, body } = replyAs('stop');
      response.writeHead(200, ['Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(body))]);
      response.write(body.slice(0, body.length >> 1), () => response.socket?.destroy());
      return plain('cut');
    }
    case 'bad_json':
      return plain(send(response, 200, '{"choices": [{"message": {"role": "assistant", "content": "unfin'));
    case 'empty_choices':
      return plain(send(response, 200, `{"id":"fake","object":"chat.completion","model":${JSON.stringify(options.call.model)},"choices":[],"data":[]}`));
    case 'huge':
      return sendReply(response, replyAs('stop', 'x'.repeat(HUGE_BYTES)));
    case 'length':
      return sendReply(response, replyAs('length'));
    case 'content_filter':
      return sendReply(response, replyAs('content_filter', ''));
    case 'empty':
      return sendReply(response, replyAs('stop', ''));
    default:
      return sendReply(response, replyAs('stop'));
  }
}

function plain(status: number | 'cut'): WrittenResponse {
  return { status, broken: null, callsTools: false };
}

function sendReply(response: ServerResponse, { contentType, body, broken, callsTools }: Reply): WrittenResponse {
  return { status: send(response, 200, body, contentType), broken, callsTools };
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

function send(response: ServerResponse, status: number, body: string | Buffer, contentType = JSON_TYPE): number {
  response.writeHead(status, ['Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(body))]);
  response.end(body);
  return status;
}
