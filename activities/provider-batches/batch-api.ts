import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { ModelAnswer, ModelRequest } from '../models/model-client.ts';
import type { ProviderHttp } from '../models/provider-http.ts';

/** A batch as its provider sees it. */
export interface ProviderBatch {
  id: string;
  /** As OpenAI names them: validating, in_progress, finalizing, completed, failed, expired, cancelling, cancelled. */
  status: string;
  outputFile: string | null;
  /** Code and words of what is wrong with a batch that has failed as a whole. */
  fault: { code: string; message: string } | null;
}

/** OpenAI's Batch API over one endpoint. Every method makes one attempt. @throws ModelCallError, or the signal's reason */
export interface BatchApi {
  /** The body of one request of a batch: what a single call would send. */
  bodyOf(request: ModelRequest): JsonObject;
  /** @returns the file's id */
  upload(file: { name: string; content: Uint8Array<ArrayBuffer> }, signal: AbortSignal): Promise<string>;
  create(batch: { inputFile: string; metadata: Record<string, string> }, signal: AbortSignal): Promise<ProviderBatch>;
  /** The batch whose metadata has this value, among the newest two thousand. */
  find(metadata: { key: string; value: string }, signal: AbortSignal): Promise<ProviderBatch | null>;
  read(id: string, signal: AbortSignal): Promise<ProviderBatch>;
  content(file: string, signal: AbortSignal): Promise<string>;
  /** @throws ModelCallError where the body is no answer */
  answerOf(body: unknown): ModelAnswer;
}

export const BATCH_ENDPOINT = '/v1/chat/completions';
/** The only one that OpenAI offers. */
const COMPLETION_WINDOW = '24h';
const PAGE = 100;
const MOST_PAGES = 20;
const MAXIMUM_RESULT_BYTES = 256 * 1024 * 1024;

export function createBatchApi(options: {
  http: ProviderHttp;
  key: string | null;
  bodyOf: (request: ModelRequest) => JsonObject;
  read: (body: unknown) => ModelAnswer;
}): BatchApi {
  const { http, key, bodyOf } = options;
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };

  function batchOf(value: JsonValue): ProviderBatch {
    if (!isJsonObject(value) || typeof value['id'] !== 'string' || typeof value['status'] !== 'string') throw http.malformed('it is no batch');
    const { id, status, output_file_id: output, errors } = value;
    const first = isJsonObject(errors) && Array.isArray(errors['data']) ? errors['data'][0] : undefined;
    const fault = isJsonObject(first) ? { code: textOf(first['code']), message: textOf(first['message']) } : null;
    return { id, status, outputFile: typeof output === 'string' ? output : null, fault };
  }

  async function get(path: string, signal: AbortSignal): Promise<JsonValue> {
    try {
      return JSON.parse(await http.get({ path, headers, signal })) as JsonValue;
    } catch (error) {
      throw error instanceof SyntaxError ? http.malformed('its body is not JSON') : error;
    }
  }

  return {
    bodyOf,
    answerOf: options.read,
    async upload({ name, content }, signal) {
      const form = new FormData();
      form.set('purpose', 'batch');
      form.set('file', new Blob([content], { type: 'application/jsonl' }), name);
      const file = await http.post({ path: '/files', headers, body: null, form, signal });
      if (!isJsonObject(file) || typeof file['id'] !== 'string') throw http.malformed('it is no file');
      return file['id'];
    },
    async create({ inputFile, metadata }, signal) {
      const body = { input_file_id: inputFile, endpoint: BATCH_ENDPOINT, completion_window: COMPLETION_WINDOW, metadata };
      return batchOf(await http.post({ path: '/batches', headers, body, signal }));
    },
    async find({ key: name, value }, signal) {
      let after = '';
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const list = await get(`/batches?limit=${PAGE}${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`, signal);
        const batches = isJsonObject(list) && Array.isArray(list['data']) ? list['data'] : [];
        const found = batches.find((batch) => isJsonObject(batch) && isJsonObject(batch['metadata']) && batch['metadata'][name] === value);
        if (found !== undefined) return batchOf(found);
        const last = batches.at(-1);
        if (!isJsonObject(list) || list['has_more'] !== true || !isJsonObject(last)) return null;
        after = textOf(last['id']);
      }
      return null;
    },
    read: async (id, signal) => batchOf(await get(`/batches/${encodeURIComponent(id)}`, signal)),
    content: (file, signal) => http.get({ path: `/files/${encodeURIComponent(file)}/content`, headers, signal, maximumBodyBytes: MAXIMUM_RESULT_BYTES }),
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
