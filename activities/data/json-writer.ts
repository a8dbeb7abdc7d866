import type { JsonObject } from '../../pipeline/json.ts';
import type { OutputEncoder } from './output-encoder.ts';
import type { TemporaryFile } from './temporary-file.ts';

/** Characters that are gathered before they are encoded and written. */
const WRITE_CHARACTERS = 512 * 1024;

export interface TextWriterOptions {
  rows: AsyncIterable<JsonObject>;
  file: TemporaryFile;
  encode: OutputEncoder;
}

/** One object a line. Returns the number of rows. */
export async function writeJsonLines(options: TextWriterOptions): Promise<number> {
  return writeJsonText(options, { first: '', between: '\n', last: '\n', empty: '' });
}

/** One list of objects, one object a line. Returns the number of rows. */
export async function writeJsonArray(options: TextWriterOptions): Promise<number> {
  return writeJsonText(options, { first: '[\n', between: ',\n', last: '\n]\n', empty: '[]\n' });
}

interface Punctuation {
  first: string;
  between: string;
  last: string;
  /** The whole file where there is no row. */
  empty: string;
}

async function writeJsonText({ rows, file, encode }: TextWriterOptions, marks: Punctuation): Promise<number> {
  let count = 0;
  let text = '';
  for await (const row of rows) {
    text += (count === 0 ? marks.first : marks.between) + JSON.stringify(row);
    count += 1;
    if (text.length >= WRITE_CHARACTERS) {
      await file.write(encode(text));
      text = '';
    }
  }
  await file.write(encode(text + (count === 0 ? marks.empty : marks.last)));
  return count;
}
