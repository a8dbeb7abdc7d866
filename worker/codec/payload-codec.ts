import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { PayloadCodec } from '@temporalio/common';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { EncryptionKeys } from './encryption-keys.ts';

/** As Temporal's own samples for encryption name it. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts whole payloads, their metadata included, with AES-256-GCM: 12 random bytes, the
 * ciphertext, 16 bytes that authenticate it, beside the key's id in plain. What is not encrypted
 * passes `decode` as it is, so that keys can be introduced while runs are under way. Random nonces
 * are safe for 2^32 payloads a key (NIST SP 800-38D, section 8.3): rotate before.
 */
export function createPayloadCodec({ first, byId }: EncryptionKeys): PayloadCodec {
  return {
    async encode(payloads) {
      // Loaded with the first payload: it takes 0.1 s.
      const { encodePayload } = await import('./payload-bytes.ts');
      return payloads.map((payload) => ({
        metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(first) },
        data: encrypt(encodePayload(payload), byId.get(first)!),
      }));
    },
    async decode(payloads) {
      const { decodePayload } = await import('./payload-bytes.ts');
      return payloads.map((payload) => {
        if (textOf(payload.metadata?.encoding) !== ENCODING) return payload;
        const id = textOf(payload.metadata?.[KEY_ID]);
        const key = byId.get(id);
        if (key === undefined) throw undecodable(`it was encrypted with the key ${JSON.stringify(id.slice(0, 64))}, and the ones at hand are ${[...byId.keys()].join(', ')}`);
        return decodePayload(decrypt(payload.data ?? new Uint8Array(), { key, id }));
      });
    },
  };
}

function encrypt(plain: Uint8Array, key: Buffer): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(data: Uint8Array, { key, id }: { key: Buffer; id: string }): Uint8Array {
  if (data.length < NONCE_BYTES + TAG_BYTES) throw undecodable('it is cut short');
  const end = data.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(data.subarray(end));
  try {
    return Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, end)), decipher.final()]);
  } catch (cause) {
    throw undecodable(`it has been changed, or the key ${JSON.stringify(id)} is another one here`, cause);
  }
}

function undecodable(why: string, cause?: unknown): SyngraphError {
  return new SyngraphError({
    code: 'PAYLOAD_UNREADABLE',
    message: `a payload of Temporal's cannot be decrypted: ${why}`,
    nextStep: 'Add the key behind the others in SYNGRAPH_CODEC_KEYS: the first encrypts, each decrypts.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes === null || bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
}
