import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readToolCalls, writeToolCalls } from '../../../../activities/nodes/agent/read-tool-calls.ts';
import type { ChatMessage } from '../../../../activities/models/model-client.ts';
import type { JsonObject, JsonValue } from '../../../../pipeline/json.ts';

const message = (...tool_calls: JsonValue[]): ChatMessage => ({ role: 'assistant', content: '', tool_calls });
const call = (id: string, given: JsonValue): JsonObject => ({ id, type: 'function', function: { name: 'add', arguments: given } });

describe('reading tool calls', () => {
  it('takes arguments as text, as an object, or none', () => {
    const values = readToolCalls(message(call('a', '{"x": 1}'), call('b', { x: 1 }), call('c', ''), call('d', null)), 0).map((read) => read.values);
    assert.deepEqual(values, [{ x: 1 }, { x: 1 }, {}, {}]);
  });

  it('says where arguments are no JSON object, and keeps what was given', () => {
    const read = readToolCalls(message(call('a', '{"x": '), call('b', '[1]'), call('c', '1')), 0);
    assert.deepEqual(read.map(({ values, given }) => [values, given]), [[null, '{"x": '], [null, '[1]'], [null, '1']]);
  });

  it('gives calls without an id one by their place', () => {
    const read = readToolCalls(message(call('', '{}'), { function: { name: 'add' } }), 7);
    assert.deepEqual(read.map(({ id }) => id), ['call_7_0', 'call_7_1']);
  });

  it('survives whatever a model makes up, and sends back as many calls as it has read', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (calls) => {
        const read = readToolCalls(message(...(calls as JsonValue[])), 0);
        const written = writeToolCalls(read);
        assert.deepEqual(readToolCalls(message(...written), 0).map(({ id, name, values }) => [id, name, values]), read.map(({ id, name, values }) => [id, name, values]));
      }),
    );
  });
});
