import { readFileSync } from 'node:fs';
import { SyngraphError } from '../../pipeline/errors.ts';

/** Keys of AES-256-GCM by their ids. The first encrypts; each decrypts what it has encrypted. */
export interface EncryptionKeys {
  first: string;
  byId: ReadonlyMap<string, Buffer>;
}

const KEY_BYTES = 32;
const ENTRY = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/_-]+={0,2})$/;
const NEXT_STEP = 'Write id:key pairs, separated by commas or line breaks, the one that encrypts first; a key is 32 random bytes as base64: openssl rand -base64 32';

/**
 * The keys that Temporal's payloads are encrypted with: `id:base64` pairs in SYNGRAPH_CODEC_KEYS, or
 * one a line in the file that SYNGRAPH_CODEC_KEYS_FILE names (empty lines and `#` are skipped). null
 * where neither is set: payloads stay readable.
 * @throws SyngraphError USAGE, which never repeats a key
 */
export function readEncryptionKeys(environment: NodeJS.ProcessEnv): EncryptionKeys | null {
  const inline = environment.SYNGRAPH_CODEC_KEYS ?? '';
  const file = environment.SYNGRAPH_CODEC_KEYS_FILE ?? '';
  if (inline !== '' && file !== '') throw refusal('SYNGRAPH_CODEC_KEYS and SYNGRAPH_CODEC_KEYS_FILE are both set', 'Unset one of them.');
  if (inline === '' && file === '') return null;
  const where = file === '' ? 'SYNGRAPH_CODEC_KEYS' : `SYNGRAPH_CODEC_KEYS_FILE (${file})`;
  const entries = (file === '' ? inline : readKeyFile(file))
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const byId = new Map<string, Buffer>();
  for (const [index, entry] of entries.entries()) {
    const [, id, text] = ENTRY.exec(entry) ?? [];
    if (id === undefined || text === undefined) throw refusal(`${where}: entry ${index + 1} is no id:key pair`, NEXT_STEP);
    const key = Buffer.from(text, 'base64');
    if (key.length !== KEY_BYTES) throw refusal(`${where}: the key ${JSON.stringify(id)} has ${key.length} bytes instead of ${KEY_BYTES}`, NEXT_STEP);
    if (byId.has(id)) throw refusal(`${where}: the key ${JSON.stringify(id)} is there twice`, 'Give each key an id of its own.');
    byId.set(id, key);
  }
  const [first] = byId.keys();
  if (first === undefined) throw refusal(`${where} has no key`, NEXT_STEP);
  return { first, byId };
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw refusal(`SYNGRAPH_CODEC_KEYS_FILE: ${file} cannot be read: ${(cause as Error).message}`, 'Correct the path or the rights of the file.', cause);
  }
}

function refusal(message: string, nextStep: string, cause?: unknown): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message, nextStep, ...(cause === undefined ? {} : { cause }) });
}
