import { stat } from 'node:fs/promises';
import { SyngraphError } from '../../pipeline/errors.ts';
import { readLocation, remoteFile } from '../store/locations.ts';

const CHUNK_BYTES = 1 << 20;

/** Bytes of a file of this machine or of a bucket, at most a mebibyte at a time. @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID */
export async function* readFileBytes(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const stream = readLocation(path, CHUNK_BYTES);
  try {
    for await (const chunk of stream) {
      signal?.throwIfAborted();
      yield chunk as Buffer;
    }
  } catch (error) {
    throw asFileError(error, path);
  } finally {
    stream.destroy();
  }
}

/** Size in bytes and time of the last change in epoch milliseconds. @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID */
export async function statSource(path: string): Promise<{ bytes: number; modified: number }> {
  const remote = remoteFile(path);
  try {
    if (remote !== null) return (await remote.stat()) ?? missing();
    const entry = await stat(path);
    if (entry.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    return { bytes: entry.size, modified: entry.mtimeMs };
  } catch (error) {
    throw asFileError(error, path);
  }
}

function missing(): never {
  throw Object.assign(new Error('no such object'), { code: 'ENOENT' });
}

/** Turns what the operating system says of a file into an error of ours; anything else is passed through. */
export function asFileError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SyngraphError({
      code: 'SOURCE_NOT_FOUND',
      message: `The source file ${path} does not exist.`,
      nextStep: 'Correct `file_path`. Relative paths are tried from the task folder, then from the working directory.',
      details: { path },
      cause: error,
    });
  }
  if (code === 'EISDIR') {
    return new SyngraphError({
      code: 'SOURCE_INVALID',
      message: `The source ${path} is a folder, not a file.`,
      nextStep: 'Let `file_path` name one file.',
      details: { path },
      cause: error,
    });
  }
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) {
    return new SyngraphError({
      code: 'SOURCE_INVALID',
      message: `The source file ${path} cannot be read (${code}).`,
      nextStep: 'Check that the file is readable for the user that runs the worker.',
      details: { path },
      cause: error,
    });
  }
  return error;
}
