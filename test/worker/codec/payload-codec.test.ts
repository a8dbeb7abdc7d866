import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fastCheck from 'fast-check';
import { readEncryptionKeys } from '../../../worker/codec/encryption-keys.ts';
import { createPayloadCodec } from '../../../worker/codec/payload-codec.ts';

const OLD = `old:${randomBytes(32).toString('base64')}`;
const NEW = `new:${randomBytes(32).toString('base64')}`;
const codecOf = (keys: string): ReturnType<typeof createPayloadCodec> => createPayloadCodec(readEncryptionKeys({ SYNGRAPH_CODEC_KEYS: keys })!);
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);

describe('the payload codec', () => {
  it('gives back whatever it has encrypted, and shows nothing of it', async () => {
    const codec = codecOf(OLD);
    await fastCheck.assert(
      fastCheck.asyncProperty(fastCheck.json(), async (json) => {
        const plain = payloadOf(`secret words ${json}`);
        const [encrypted] = await codec.encode([plain]);
        const [again] = await codec.decode([encrypted!]);
        assert.equal(defaultPayloadConverter.fromPayload(again!), `secret words ${json}`);
        assert.ok(!Buffer.from(encrypted!.data!).includes('secret words'));
        assert.deepEqual(Object.keys(encrypted!.metadata!), ['encoding', 'encryption-key-id']);
      }),
    );
  });

  it('encrypts the same value differently each time', async () => {
    const [first, second] = await codecOf(OLD).encode([payloadOf('a'), payloadOf('a')]);
    assert.notDeepEqual(first!.data, second!.data);
  });

  it('decrypts with every key after a rotation, and encrypts with the first', async () => {
    const before = await codecOf(OLD).encode([payloadOf('kept')]);
    const rotated = codecOf(`${NEW},${OLD}`);
    assert.equal(defaultPayloadConverter.fromPayload((await rotated.decode(before))[0]!), 'kept');
    const [after] = await rotated.encode([payloadOf('fresh')]);
    assert.equal(Buffer.from(after!.metadata!['encryption-key-id']!).toString(), 'new');
  });

  it('lets pass what was written before there were keys', async () => {
    const plain = payloadOf('readable');
    assert.deepEqual(await codecOf(OLD).decode([plain]), [plain]);
  });

  it('refuses what was changed, cut, or encrypted with a key that is not there', async () => {
    const [encrypted] = await codecOf(OLD).encode([payloadOf('whole')]);
    const data = encrypted!.data!;
    await fastCheck.assert(
      fastCheck.asyncProperty(fastCheck.nat(data.length - 1), fastCheck.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Uint8Array.from(data, (byte, index) => (index === at ? byte ^ flip : byte));
        await assert.rejects(codecOf(OLD).decode([{ ...encrypted!, data: changed }]), { code: 'PAYLOAD_UNREADABLE' });
      }),
    );
    await assert.rejects(codecOf(OLD).decode([{ ...encrypted!, data: data.subarray(0, 20) }]), { message: /cut short/ });
    await assert.rejects(codecOf(NEW).decode([encrypted!]), { message: /encrypted with the key "old", and the ones at hand are new/ });
  });
});
