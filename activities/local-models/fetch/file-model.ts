import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ModelSource } from './model-source.ts';

/** A GGUF file of the user's own; known by its content. */
export async function fileModel(path: string): Promise<ModelSource> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const sha256 = hash.digest('hex');
  return { title: path, key: `file-${sha256.slice(0, 32)}`, fetch: async () => ({ conversion: { kind: 'gguf', source: path }, origin: { file: path, sha256 } }) };
}
