import { open } from 'node:fs/promises';
import { remoteFile } from '../store/locations.ts';
import { asFileError, statSource } from './file-access.ts';

/** Random access to bytes, wherever they are. */
export interface ByteRanges {
  readonly bytes: number;
  /** Exactly the bytes from start to before end. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID */
export async function openFileRanges(path: string): Promise<ByteRanges> {
  const { bytes } = await statSource(path);
  const remote = remoteFile(path);
  if (remote !== null) {
    return {
      bytes,
      close: () => Promise.resolve(),
      read: async (start, end) => {
        const content = await remote.bucket.readRange(remote.key, start, end - start);
        if (content?.length !== end - start) throw new Error(`the object became shorter than ${end} bytes while it was read`);
        return new Uint8Array(content);
      },
    };
  }
  try {
    const handle = await open(path);
    return {
      bytes,
      close: () => handle.close(),
      read: async (start, end) => {
        const { buffer, bytesRead } = await handle.read(new Uint8Array(end - start), 0, end - start, start);
        if (bytesRead < end - start) throw new Error(`the file became shorter than ${end} bytes while it was read`);
        return buffer;
      },
    };
  } catch (error) {
    throw asFileError(error, path);
  }
}
