import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BatchScript } from './script.ts';

interface FakeBatch {
  id: string;
  object: 'batch';
  endpoint: unknown;
  input_file_id: string;
  completion_window: unknown;
  metadata: unknown;
  created_at: number;
  status: string;
  output_file_id: string | null;
  error_file_id: string | null;
  errors: { object: 'list'; data: { code: string; message: string }[] } | null;
  request_counts: { total: number; completed: number; failed: number };
}

export interface BatchReply {
  status: number;
  body: unknown;
}

/** Answers one request of a batch. */
export type AnswerRequest = (body: unknown) => BatchReply;

const LIST_PAGE = 20;

/** OpenAI's files and batches, in memory. `GET /v1/batches/ID` finds a batch ended once its delay is over. */
export class FakeBatches {
  #files = new Map<string, string>();
  #batches: FakeBatch[] = [];
  #numbers = 0;
  #script: BatchScript = {};
  #left = { cut: 0, expire: 0, refuse: 0 };
  readonly #answer: AnswerRequest;
  readonly #onCreate: () => void;

  constructor({ answer, onCreate }: { answer: AnswerRequest; onCreate: () => void }) {
    this.#answer = answer;
    this.#onCreate = onCreate;
  }

  control(script: BatchScript | null): void {
    this.#script = script ?? {};
    const { cutCreations = 0, expire = 0, refuse } = this.#script;
    this.#left = { cut: cutCreations, expire, refuse: refuse?.times ?? 0 };
  }

  reset(): void {
    this.#files.clear();
    this.#batches = [];
  }

  /** @returns false for paths that are none of these */
  handle(request: IncomingMessage, response: ServerResponse, body: string): boolean {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake');
    const [, kind = '', id, rest] = /^\/v1\/(files|batches)(?:\/([^/]+)(?:\/(content|cancel))?)?$/.exec(pathname) ?? [];
    if (kind === '') return false;
    const isPost = request.method === 'POST';
    if (kind === 'files' && isPost && id === undefined) send(response, 200, this.#upload(body));
    else if (kind === 'files' && id !== undefined && rest === 'content') sendText(response, this.#files.get(id));
    else if (kind === 'batches' && isPost && id === undefined) this.#create(response, body);
    else if (kind === 'batches' && !isPost && id === undefined) send(response, 200, this.#list(searchParams));
    else if (kind === 'batches' && !isPost && id !== undefined) this.#read(response, id);
    else send(response, 404, { error: { message: 'No such file or batch.', code: 'not_found' } });
    return true;
  }

  #upload(form: string): object {
    const boundary = /^--[^\r\n]+/.exec(form)?.[0] ?? '';
    const start = /name="file"[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n/.exec(form);
    const from = start === null ? 0 : start.index + start[0].length;
    const content = form.slice(from, form.indexOf(`\r\n${boundary}`, from));
    const id = this.#add(content);
    return { id, object: 'file', bytes: content.length, purpose: 'batch' };
  }

  #add(content: string): string {
    this.#numbers += 1;
    const id = `file-${this.#numbers}`;
    this.#files.set(id, content);
    return id;
  }

  #create(response: ServerResponse, body: string): void {
    const wanted = JSON.parse(body) as Record<string, unknown>;
    const input = String(wanted['input_file_id']);
    const requests = this.#files.get(input);
    if (requests === undefined) return send(response, 400, { error: { message: `No such file: ${input}`, code: 'invalid_request' } });
    this.#numbers += 1;
    const total = requests.split('\n').filter((line) => line !== '').length;
    const batch: FakeBatch = {
      id: `batch-${this.#numbers}`, object: 'batch', endpoint: wanted['endpoint'], input_file_id: input, completion_window: wanted['completion_window'], metadata: wanted['metadata'] ?? null,
      created_at: Date.now(), status: 'validating', output_file_id: null, error_file_id: null, errors: null, request_counts: { total, completed: 0, failed: 0 },
    };
    this.#batches.unshift(batch);
    this.#onCreate();
    if (this.#left.cut > 0) {
      this.#left.cut -= 1;
      response.socket?.destroy();
      return;
    }
    const { creationMilliseconds = 0 } = this.#script;
    if (creationMilliseconds > 0) setTimeout(() => send(response, 200, batch), creationMilliseconds);
    else send(response, 200, batch);
  }

  #list(query: URLSearchParams): object {
    const after = query.get('after');
    const from = after === null ? 0 : this.#batches.findIndex(({ id }) => id === after) + 1;
    const data = this.#batches.slice(from, from + Number(query.get('limit') ?? LIST_PAGE));
    return { object: 'list', data, has_more: from + data.length < this.#batches.length };
  }

  #read(response: ServerResponse, id: string): void {
    const batch = this.#batches.find((one) => one.id === id);
    if (batch === undefined) return send(response, 404, { error: { message: `No such batch: ${id}`, code: 'not_found' } });
    if (batch.status === 'validating' && Date.now() - batch.created_at >= (this.#script.delayMilliseconds ?? 0)) this.#end(batch);
    send(response, 200, batch);
  }

  #end(batch: FakeBatch): void {
    const { refuse, failedShare = 0 } = this.#script;
    if (refuse !== undefined && this.#left.refuse > 0) {
      this.#left.refuse -= 1;
      batch.status = 'failed';
      batch.errors = { object: 'list', data: [{ code: refuse.code, message: refuse.message }] };
      return;
    }
    const lines = (this.#files.get(batch.input_file_id) ?? '').split('\n').filter((line) => line !== '');
    const isExpired = this.#left.expire > 0;
    if (isExpired) this.#left.expire -= 1;
    const taken = isExpired ? lines.length >> 1 : lines.length;
    const output: string[] = [];
    const errors: string[] = [];
    // Out of order, as the API says that they may be.
    for (const [index, line] of [...lines.entries()].reverse()) {
      const { custom_id: name, body } = JSON.parse(line) as { custom_id: string; body: unknown };
      const said = (response: unknown, error: unknown): string => JSON.stringify({ id: `req-${index}`, custom_id: name, response, error });
      if (index >= taken) errors.push(said(null, { code: 'batch_expired', message: 'This request could not be executed before the completion window expired.' }));
      else if ((index * 0.618_034) % 1 < failedShare) errors.push(said({ status_code: 500, body: { error: { message: 'Broken, as the script says.' } } }, null));
      else {
        const { status, body: answer } = this.#answer(body);
        (status === 200 ? output : errors).push(said({ status_code: status, request_id: `request-${index}`, body: answer }, null));
      }
    }
    if (output.length > 0) batch.output_file_id = this.#add(`${output.join('\n')}\n`);
    if (errors.length > 0) batch.error_file_id = this.#add(`${errors.join('\n')}\n`);
    batch.request_counts = { total: lines.length, completed: output.length, failed: errors.length };
    batch.status = isExpired ? 'expired' : 'completed';
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

function sendText(response: ServerResponse, text: string | undefined): void {
  if (text === undefined) return send(response, 404, { error: { message: 'No such file.', code: 'not_found' } });
  response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
  response.end(text);
}
