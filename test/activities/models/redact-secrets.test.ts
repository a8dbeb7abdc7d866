import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { REDACTED, redactSecrets } from '../../../activities/models/redact-secrets.ts';

test('removes the values of variables that hold keys, wherever they stand', () => {
  const environment = {
    OPENAI_API_KEY: 'abcdefgh12345',
    SYGRA_M_TOKEN: 'first-token-1|second-token-2',
    HOME: '/home/somebody',
  };
  const text = redactSecrets('bad key abcdefgh12345, second-token-2 in /home/somebody', environment);
  assert.equal(text, `bad key ${REDACTED}, ${REDACTED} in /home/somebody`);
});

for (const [what, text, secret] of [
  ['a bearer token', 'Authorization: Bearer some.token-value', 'some.token-value'],
  ['a key in a query', 'GET https://host/v1?api-key=s3cr3tvalue&x=1 failed', 's3cr3tvalue'],
  ['a password in a url', 'cannot reach https://user:pa55word@host/v1', 'pa55word'],
  ['a key that a body echoes', '{"api_key": "my-own-key-1"}', 'my-own-key-1'],
  ['an OpenAI key', 'Incorrect API key provided: sk-proj-abcdefghijkl', 'sk-proj-abcdefghijkl'],
] as const) {
  test(`removes ${what}`, () => assert.ok(!redactSecrets(text, {}).includes(secret)));
}

test('leaves no secret of the environment in any text', () => {
  const secret = fc
    .string({ minLength: 8, maxLength: 30 })
    .filter((text) => text.trim() === text && !text.includes('|') && !REDACTED.includes(text));
  fc.assert(
    fc.property(fc.string(), secret, fc.string(), (before, key, after) => {
      assert.ok(!redactSecrets(before + key + after, { SOME_API_KEY: key }).includes(key));
    }),
  );
});
