import { TemporaryFile } from './temporary-file.ts';

/**
 * A file that appears under its name once `write` has written all of it, or not at all.
 * @throws SyngraphError as `TemporaryFile` does, and whatever `write` throws
 */
export async function writeWhole<Result>(path: string, write: (file: TemporaryFile) => Promise<Result>): Promise<Result> {
  const file = await TemporaryFile.create(path);
  try {
    const result = await write(file);
    await file.finish();
    return result;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** The same for a text that is there already. */
export function writeWholeText(path: string, text: string): Promise<void> {
  return writeWhole(path, (file) => file.write(Buffer.from(text)));
}
