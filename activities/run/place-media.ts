import { basename, dirname, extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { MediaSource } from '../data/media-source.ts';
import { DEEPEST_REFERENCE, mediaNamesIn } from '../media/media-names.ts';
import { isMediaReference } from '../media/media-reference.ts';
import { mediaKey } from '../media/media-store.ts';
import { joinLocation, remoteFile } from '../store/locations.ts';
import { makeFolder } from '../store/make-folder.ts';
import type { Store } from '../store/store.ts';
import type { LineBlocks } from './run-parts.ts';

/** Every reference has it, and hardly any other row. */
const MARK = '"$media"';

/** Puts the images and sounds of an output file beside it, and their relative paths into its rows. */
export interface MediaPlacer {
  lines(blocks: LineBlocks): AsyncGenerator<string[]>;
  rows(rows: AsyncIterable<JsonObject>): AsyncGenerator<JsonObject>;
}

/**
 * Files land in `<output without extension>_media`, named by their content, so that writing the output again changes nothing.
 * They share their bytes with the store where the file system can. What only looks like a reference stays as it is.
 */
export function createMediaPlacer(store: Store, output: string): MediaPlacer {
  const name = `${basename(output, extname(output))}_media`;
  const folder = joinLocation(dirname(output), name);
  const placed = new Map<string, Promise<boolean>>();

  function place(file: string): Promise<boolean> {
    const known = placed.get(file);
    if (known !== undefined) return known;
    const placing = placeFile(store, file, folder);
    placed.set(file, placing);
    return placing;
  }

  async function withPaths(value: JsonValue, depth: number): Promise<JsonValue> {
    if (typeof value !== 'object' || value === null || depth > DEEPEST_REFERENCE) return value;
    if (isMediaReference(value)) return (await place(value.$media)) ? `${name}/${value.$media}` : value;
    if (Array.isArray(value)) return Promise.all(value.map((item) => withPaths(item, depth + 1)));
    const entries = await Promise.all(Object.entries(value).map(async ([key, inner]) => [key, await withPaths(inner, depth + 1)] as const));
    return Object.fromEntries(entries);
  }

  return {
    async *lines(blocks) {
      for await (const lines of blocks) {
        for (const [index, line] of lines.entries()) {
          if (line.includes(MARK)) lines[index] = JSON.stringify(await withPaths(JSON.parse(line) as JsonValue, 0));
        }
        yield lines;
      }
    },
    async *rows(rows) {
      for await (const row of rows) {
        const changed = mediaNamesIn(row).length === 0 ? row : await withPaths(row, 0);
        if (isJsonObject(changed)) yield changed;
      }
    },
  };
}

/** Contents for outputs that hold them themselves. */
export function createMediaSource(store: Store): MediaSource {
  return { size: (name) => store.size(mediaKey(name)), read: (name) => store.read(mediaKey(name)) };
}

/** false: the store has no such content. */
async function placeFile(store: Store, file: string, folder: string): Promise<boolean> {
  if ((await store.size(mediaKey(file))) === null) return false;
  const target = joinLocation(folder, file);
  const remote = remoteFile(target);
  try {
    if (remote !== null) {
      if ((await remote.bucket.size(remote.key)) === null) await pipeline(store.openRead(mediaKey(file)), remote.bucket.openWrite(remote.key));
      return true;
    }
    await makeFolder(folder);
    await store.copyTo(mediaKey(file), target);
    return true;
  } catch (error) {
    if (error instanceof SyngraphError && error.code.startsWith('STORE_')) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    throw new SyngraphError({
      code: isFull ? 'DISK_FULL' : 'SINK_FAILED',
      message: `The file ${target} of the output cannot be written (${code}).`,
      nextStep: isFull ? 'Make room on that disk, then resume the run; finished calls are kept.' : 'Check that the user that runs the worker may write there.',
      details: { path: target },
      cause: error,
    });
  }
}
