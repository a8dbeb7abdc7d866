import { isUtf8 } from 'node:buffer';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject } from '../../pipeline/json.ts';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.ts';
import { MAX_ROW_BYTES, type TextReaderOptions } from './jsonl-reader.ts';
import type { SourceRow } from './record-source.ts';
import { excerpt, rowFault } from './row-fault.ts';

/**
 * A file that is one JSON list of objects, an item at a time: only the item that is being read is
 * held in memory. The scanner finds where items end; JSON.parse judges them.
 */
export async function* readJsonArray(options: TextReaderOptions): AsyncGenerator<SourceRow[]> {
  const scanner = new JsonArrayScanner(options);
  for await (const chunk of options.chunks) {
    const rows = scanner.scan(chunk);
    if (rows.length > 0) yield rows;
  }
  scanner.finish();
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;
}

/** Where the scanner is: before the list, inside it, behind it. */
type Place = 'before' | 'inside' | 'behind';

class JsonArrayScanner {
  readonly #options: TextReaderOptions;
  #place: Place = 'before';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #line = 1;
  /** Pieces of the current item from chunks before this one. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #itemLine = 0;
  #itemNumber = 0;
  /** A comma asks for another item. */
  #afterComma = false;

  constructor(options: TextReaderOptions) {
    this.#options = options;
  }

  scan(chunk: Buffer): SourceRow[] {
    const rows: SourceRow[] = [];
    // Start of the current item in this chunk; -1 between items.
    let start = this.#itemLine > 0 ? 0 : -1;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] as number;
      if (byte === NEWLINE) this.#line += 1;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        continue;
      }
      if (isBlank(byte)) continue;
      if (this.#place !== 'inside') {
        this.#outside(byte, chunk.subarray(index, index + 200));
        continue;
      }
      if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) {
        this.#endItem(start < 0 ? null : chunk.subarray(start, index), { rows, byte });
        start = -1;
        continue;
      }
      if (start < 0) {
        start = index;
        this.#itemLine = this.#line;
        this.#itemNumber += 1;
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
      // More closing than opening brackets end the item's nesting, and JSON.parse refuses it.
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth = Math.max(0, this.#depth - 1);
    }
    if (start >= 0) this.#keepPiece(chunk.subarray(start));
    return rows;
  }

  /** @throws SyngraphError SOURCE_INVALID where the list has not ended: the file is cut off */
  finish(): void {
    if (this.#place === 'behind') return;
    if (this.#place === 'before') throw this.#broken('the file is empty; it must hold a JSON list of objects.');
    const where =
      this.#itemLine > 0
        ? `inside item ${this.#itemNumber}, which begins at line ${this.#itemLine}`
        : `after item ${this.#itemNumber}`;
    throw this.#broken(
      `the file ends ${where}, before the list is closed: it is cut off, or a bracket or quote is missing.`,
    );
  }

  #outside(byte: number, text: Buffer): void {
    if (this.#place === 'behind')
      throw this.#broken(`there is more after the end of the list: ${excerpt(text.toString('utf8'))}`);
    if (byte !== OPEN_LIST) throw this.#notAList(byte, text);
    this.#place = 'inside';
  }

  #notAList(byte: number, text: Buffer): SyngraphError {
    const hint =
      byte === OPEN_OBJECT
        ? 'If the file has one object a line, set `file_format: jsonl`; if its records are in a list inside the object, write that list to a file of its own.'
        : 'A JSON source is one list of objects: [{…}, {…}].';
    return this.#broken(`the file does not begin with a list but with: ${excerpt(text.toString('utf8'))}`, hint);
  }

  #endItem(last: Buffer | null, { rows, byte }: { rows: SourceRow[]; byte: number }): void {
    if (last !== null || this.#pieces.length > 0) {
      rows.push(this.#parse(last === null ? Buffer.concat(this.#pieces) : Buffer.concat([...this.#pieces, last])));
    } else if (byte === COMMA || this.#afterComma) {
      throw this.#broken(
        `an item is missing: there is a comma with nothing ${byte === COMMA ? 'before' : 'behind'} it.`,
      );
    }
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#itemLine = 0;
    this.#afterComma = byte === COMMA;
    if (byte === CLOSE_LIST) this.#place = 'behind';
  }

  #keepPiece(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > MAX_ROW_BYTES) {
      throw this.#broken(
        `item ${this.#itemNumber}, which begins at line ${this.#itemLine}, is longer than ${MAX_ROW_BYTES / 1024 / 1024} MB.`,
      );
    }
  }

  #parse(item: Buffer): SourceRow {
    const text = item.toString('utf8');
    if (!isUtf8(item)) return this.#fault(`is not UTF-8: ${excerpt(text)}`);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      return this.#fault(`is not JSON (${(cause as Error).message}): ${excerpt(text)}`, cause);
    }
    if (!isJsonObject(value)) return this.#fault(`is not a JSON object: ${excerpt(text)}`);
    if (isTooDeep(value, text)) return this.#fault(`is nested deeper than ${MAX_JSON_DEPTH} levels`);
    return { ok: true, row: value };
  }

  #fault(message: string, cause?: unknown): SourceRow {
    const location = `${this.#options.name}:${this.#itemLine}`;
    return rowFault({
      policy: this.#options.onBadRecord,
      location,
      message: `item ${this.#itemNumber} ${message}`,
      cause,
    });
  }

  #broken(
    message: string,
    nextStep = 'Mend the file; a JSON source is one list of objects: [{…}, {…}].',
  ): SyngraphError {
    const location = `${this.#options.name}:${this.#line}`;
    return new SyngraphError({
      code: 'SOURCE_INVALID',
      message: `${location}: ${message}`,
      nextStep,
      details: { location },
    });
  }
}
