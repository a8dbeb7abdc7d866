import type { JsonValue } from '../../../pipeline/json.ts';
import type { ModelClient } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { PayloadClient } from './http.ts';

/** What SyGra's payload "default" sends: the conversation and its options as JSON texts, by KServe's inference protocol. */
const DEFAULT_PAYLOAD: JsonValue = {
  id: '42',
  inputs: [
    { name: 'request', datatype: 'BYTES', shape: [1, 1], data: ['{messages_json}'] },
    { name: 'options', datatype: 'BYTES', shape: [1, 1], data: ['{parameters_json}'] },
  ],
  outputs: [{ name: 'response' }, { name: 'response_metadata' }, { name: 'error' }],
};
const DEFAULT_RESPONSE_KEY = 'model_output';

/** Triton servers: the first output holds a JSON object, of which one key is the answer. */
export function createClient(options: ModelClientOptions): ModelClient {
  const { payload, responsePath } = options.model.provider;
  const path = responsePath ?? DEFAULT_RESPONSE_KEY;
  return new PayloadClient(options, {
    template: payload ?? DEFAULT_PAYLOAD,
    responsePath: /[.[]/.test(path) ? path : `outputs[0].data[0].${path}`,
  });
}
