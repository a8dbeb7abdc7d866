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
  ['a signature of S3', 'https://b.s3.amazonaws.com/x.png?X-Amz-Credential=AKIA1%2F2026&X-Amz-Signature=0123abcd4567', '0123abcd4567'],
  ['a credential of S3', 'https://b.s3.amazonaws.com/x.png?X-Amz-Credential=AKIA1%2F2026&X-Amz-Signature=0123abcd4567', 'AKIA1'],
  ['a signature of Azure', '{"image":"https://a.blob.core.windows.net/c/x.png?sv=2024&sig=AbC%2Fdef%3D"}', 'AbC%2Fdef'],
  ['a token in a page', '<a href="https://host/x?a=1&amp;access_token=my-own-token">', 'my-own-token'],
  ['a key with a bracket behind it', '![x](https://host/x?key=my-own-key-1)', 'my-own-key-1'],
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

test('removes secrets as JSON and urls spell them, and passwords in urls of any variable', () => {
  const environment = { SOME_TOKEN: 'two "parts"/of+it', DATABASE: 'postgres://me:pass-word-1@db/x' };
  for (const text of [JSON.stringify({ said: environment.SOME_TOKEN }), encodeURIComponent(environment.SOME_TOKEN), 'password pass-word-1 refused']) {
    assert.match(redactSecrets(text, environment), /\[redacted\]/);
    assert.doesNotMatch(redactSecrets(text, environment), /parts|pass-word-1/);
  }
});

test('removes each key of the codec, without its id', () => {
  assert.equal(redactSecrets('key c2VjcmV0LWtleS0x of k1', { SYNGRAPH_CODEC_KEYS: 'k1:c2VjcmV0LWtleS0x,k2:c2VjcmV0LWtleS0y' }), `key ${REDACTED} of k1`);
});

test('leaves urls without secrets as they are', () => {
  const text = 'https://host/x?page=2&monkey=3&decode=4&design=5';
  assert.equal(redactSecrets(text, {}), text);
});
