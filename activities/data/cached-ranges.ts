import type { ByteRanges } from './byte-ranges.ts';

/** What one request to a remote file fetches at least: a Parquet file with many columns asks for many small pieces. */
const BLOCK_BYTES = 2 * 1024 * 1024;
const BLOCKS_KEPT = 8;

/** Ranges that are fetched in whole blocks, of which the last few are kept. Large reads go past the cache. */
export function cachedRanges(ranges: ByteRanges, blockBytes = BLOCK_BYTES): ByteRanges {
  const blocks = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  const block = async (index: number): Promise<Uint8Array<ArrayBuffer>> => {
    const known = blocks.get(index);
    const content = known ?? ranges.read(index * blockBytes, Math.min((index + 1) * blockBytes, ranges.bytes));
    // Taken out and put back, so that the map's first entry is the one unused for longest.
    blocks.delete(index);
    blocks.set(index, content);
    const [oldest] = blocks.keys();
    if (blocks.size > BLOCKS_KEPT && oldest !== undefined) blocks.delete(oldest);
    return content;
  };
  return {
    bytes: ranges.bytes,
    close: () => ranges.close(),
    read: async (start, end) => {
      if (end - start >= blockBytes) return ranges.read(start, end);
      const first = Math.floor(start / blockBytes);
      const last = Math.floor(Math.max(start, end - 1) / blockBytes);
      const content = await block(first);
      const offset = first * blockBytes;
      if (first === last) return content.slice(start - offset, end - offset);
      const rest = await block(last);
      const joined = new Uint8Array(end - start);
      joined.set(content.subarray(start - offset));
      joined.set(rest.subarray(0, end - last * blockBytes), last * blockBytes - start);
      return joined;
    },
  };
}

/** All bytes from first to last, a block at a time. */
export async function* chunksOf(ranges: ByteRanges): AsyncGenerator<Buffer> {
  for (let start = 0; start < ranges.bytes; start += BLOCK_BYTES) {
    yield Buffer.from((await ranges.read(start, Math.min(start + BLOCK_BYTES, ranges.bytes))).buffer);
  }
}
