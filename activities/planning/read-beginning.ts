import { open } from 'node:fs/promises';

/** More than the reader takes, so that it can say that the file is too large. */
const MOST_BYTES_READ = 4 * 1024 * 1024;

/** The beginning of a pipeline's file: all of it, unless it is larger than any pipeline may be. */
export async function readBeginning(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, MOST_BYTES_READ));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
