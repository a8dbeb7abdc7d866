import { isUtf8 } from 'node:buffer';
import { isJsonObject } from '../../pipeline/json.ts';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.ts';
import type { SourceRow } from './record-source.ts';
import { excerpt, rowFault, type BadRecordPolicy } from './row-fault.ts';

/** A longer line or row is an error: it is more likely a wrong file than a record. */
export const MAX_ROW_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;

export interface TextReaderOptions {
  /** UTF-8 without byte order mark. */
  chunks: AsyncIterable<Buffer>;
  /** File name for messages. */
  name: string;
  onBadRecord: BadRecordPolicy;
}

/**
 * One JSON object a line; blank lines are passed over; `\r\n` is fine. Yields the rows of a chunk
 * together, since a turn of an async iterator for every row would cost more than its parsing.
 */
export async function* readJsonLines(options: TextReaderOptions): AsyncGenerator<SourceRow[]> {
  const parser = new JsonLineParser(options.name, options.onBadRecord);
  const pending: Buffer[] = [];
  let pendingBytes = 0;
  let overlong = false;
  for await (const chunk of options.chunks) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      let region = chunk.subarray(0, end);
      const rows: SourceRow[] = [];
      if (overlong) {
        // What is left of the overlong line ends here.
        rows.push(parser.overlongLine());
        region = region.subarray(region.indexOf(NEWLINE) + 1);
        overlong = false;
      } else if (pendingBytes > 0) {
        region = Buffer.concat([...pending, region]);
      }
      pending.length = 0;
      pendingBytes = 0;
      parser.parseLines(region, rows);
      if (rows.length > 0) yield rows;
    }
    if (overlong || end === chunk.length) continue;
    pending.push(chunk.subarray(end));
    pendingBytes += chunk.length - end;
    if (pendingBytes > MAX_ROW_BYTES) {
      overlong = true;
      pending.length = 0;
      pendingBytes = 0;
      // Where the policy is to stop there is no need to look for the line's end first.
      if (options.onBadRecord === 'stop') parser.overlongLine();
    }
  }
  const rows: SourceRow[] = [];
  if (overlong) rows.push(parser.overlongLine());
  else if (pendingBytes > 0) parser.parseLines(Buffer.concat(pending), rows);
  if (rows.length > 0) yield rows;
}

/** Parses lines and knows their numbers. */
class JsonLineParser {
  readonly #name: string;
  readonly #policy: BadRecordPolicy;
  #line = 0;

  constructor(name: string, policy: BadRecordPolicy) {
    this.#name = name;
    this.#policy = policy;
  }

  /** Appends the rows of whole lines. Decoding them at once is much cheaper than one by one. */
  parseLines(region: Buffer, rows: SourceRow[]): void {
    if (region.length > 0 && isUtf8(region)) {
      const text = region.toString('utf8');
      for (let start = 0; start < text.length;) {
        let end = text.indexOf('\n', start);
        if (end < 0) end = text.length;
        this.#parseLine(text.slice(start, end), rows);
        start = end + 1;
      }
      return;
    }
    for (let start = 0; start < region.length;) {
      let end = region.indexOf(NEWLINE, start);
      if (end < 0) end = region.length;
      const line = region.subarray(start, end);
      if (isUtf8(line)) this.#parseLine(line.toString('utf8'), rows);
      else rows.push(this.#fault({ line: ++this.#line, message: `is not UTF-8: ${excerpt(line.toString('utf8'))}` }));
      start = end + 1;
    }
  }

  overlongLine(): SourceRow {
    return this.#fault({
      line: ++this.#line,
      message: `the line is longer than ${MAX_ROW_BYTES / 1024 / 1024} MB; is this a JSONL file?`,
    });
  }

  #parseLine(line: string, rows: SourceRow[]): void {
    this.#line += 1;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      if (line.trim() === '') return;
      rows.push(
        this.#fault({
          line: this.#line,
          message: `is not JSON (${(cause as Error).message}): ${excerpt(line)}`,
          cause,
        }),
      );
      return;
    }
    if (!isJsonObject(value)) {
      rows.push(this.#fault({ line: this.#line, message: `is not a JSON object: ${excerpt(line)}` }));
    } else if (isTooDeep(value, line)) {
      rows.push(this.#fault({ line: this.#line, message: `is nested deeper than ${MAX_JSON_DEPTH} levels` }));
    } else {
      rows.push({ ok: true, row: value });
    }
  }

  #fault({ line, message, cause }: { line: number; message: string; cause?: unknown }): SourceRow {
    return rowFault({ policy: this.#policy, message, location: `${this.#name}:${line}`, cause });
  }
}
