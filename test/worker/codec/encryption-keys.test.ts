import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readEncryptionKeys } from '../../../worker/codec/encryption-keys.ts';

const key = (): string => randomBytes(32).toString('base64');

describe('readEncryptionKeys', () => {
  it('reads id:key pairs; the first encrypts', () => {
    const [one, two] = [key(), key()];
    const keys = readEncryptionKeys({ SYNGRAPH_CODEC_KEYS: `2026-b:${one}, 2026-a:${two}\n` });
    assert.equal(keys?.first, '2026-b');
    assert.equal(keys.byId.get('2026-a')?.toString('base64'), two);
  });

  it('reads them from a file, a line each', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'syngraph-keys-'));
    await writeFile(join(folder, 'keys'), `# rotated monthly\nnew:${key()}\n\nold:${key()}\n`);
    const keys = readEncryptionKeys({ SYNGRAPH_CODEC_KEYS_FILE: join(folder, 'keys') });
    assert.deepEqual([...keys!.byId.keys()], ['new', 'old']);
    await rm(folder, { recursive: true });
  });

  it('has none where nothing is set', () => {
    assert.equal(readEncryptionKeys({ SYNGRAPH_CODEC_KEYS: '' }), null);
  });

  it('refuses what is no key, without repeating it', () => {
    const short = randomBytes(16).toString('base64');
    const refused = (environment: NodeJS.ProcessEnv, message: RegExp): void =>
      assert.throws(() => readEncryptionKeys(environment), (error: Error & { code: string }) => error.code === 'USAGE' && message.test(error.message) && !error.message.includes(short));
    refused({ SYNGRAPH_CODEC_KEYS: `a:${short}` }, /key "a" has 16 bytes instead of 32/);
    refused({ SYNGRAPH_CODEC_KEYS: short }, /entry 1 is no id:key pair/);
    refused({ SYNGRAPH_CODEC_KEYS: `a:${key()},a:${key()}` }, /"a" is there twice/);
    refused({ SYNGRAPH_CODEC_KEYS: ' , ' }, /has no key/);
    refused({ SYNGRAPH_CODEC_KEYS: `a:${key()}`, SYNGRAPH_CODEC_KEYS_FILE: 'x' }, /both set/);
    refused({ SYNGRAPH_CODEC_KEYS_FILE: '/nonexistent/keys' }, /cannot be read/);
  });
});
