import type { Store } from './store.ts';

/** Files up to this size are read whole once; of larger ones only what is asked for. */
const LARGEST_KEPT = 4 * 1024 * 1024;

const KEPT_BYTES = 48 * 1024 * 1024;

/** Reads parts of files that never change, where neighbours are asked for one after the other. */
export interface FileCache {
  /** Bytes from offset; fewer at the file's end. null where there is none. */
  read(part: { key: string; offset: number; length: number }): Promise<Buffer | null>;
}

export function createFileCache(store: Store): FileCache {
  const files = new Map<string, Promise<Buffer | null>>();
  let bytes = 0;

  async function load(key: string): Promise<Buffer | null> {
    const size = await store.size(key);
    if (size === null || size > LARGEST_KEPT) return null;
    const content = await store.read(key);
    bytes += content?.length ?? 0;
    for (const [oldest, file] of files) {
      if (bytes <= KEPT_BYTES || oldest === key) break;
      files.delete(oldest);
      bytes -= (await file)?.length ?? 0;
    }
    return content;
  }

  return {
    async read({ key, offset, length }) {
      const known = files.get(key) ?? load(key);
      files.delete(key);
      files.set(key, known);
      const content = await known;
      return content === null ? store.readRange(key, offset, length) : content.subarray(offset, offset + length);
    },
  };
}
