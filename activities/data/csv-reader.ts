import { CsvError, parse, type InfoCallback, type Parser } from 'csv-parse';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { MAX_ROW_BYTES, type TextReaderOptions } from './jsonl-reader.ts';
import type { SourceRow } from './record-source.ts';
import { excerpt, rowFault } from './row-fault.ts';

/**
 * CSV with a header line, RFC 4180: commas, double quotes, line breaks inside quotes. Cells are
 * text as they stand; an empty cell is an empty text. A row with too many or too few cells is a bad
 * row; a broken quote stops the reading under either policy, since nobody can tell where the row
 * with it ends.
 */
export async function* readCsv(options: TextReaderOptions): AsyncGenerator<SourceRow[]> {
  const collector = new CsvRowCollector(options);
  for await (const chunk of options.chunks) {
    const rows = await collector.write(chunk);
    if (rows.length > 0) yield rows;
  }
  const rows = await collector.end();
  if (rows.length > 0) yield rows;
}

/**
 * Drives the parser chunk by chunk and takes its rows from a callback, so that each row comes with
 * its line and a turn of the event loop is paid for a chunk, not for a row.
 */
class CsvRowCollector {
  readonly #options: TextReaderOptions;
  readonly #parser: Parser;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #header: string[] | null = null;
  #rows: SourceRow[] = [];
  /** Lines up to the end of the last row, and how many of them were empty. */
  #lines = 0;
  #emptyLines = 0;
  /** Bytes that are not UTF-8 were seen, so a replacement character in a cell may stand for them. */
  #invalidBytes = false;
  #fault: Error | null = null;

  constructor(options: TextReaderOptions) {
    this.#options = options;
    this.#parser = parse({
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_BYTES,
      on_record: (cells, context) => {
        this.#guard(() => this.#take(cells, context));
        return null;
      },
    });
    this.#parser.on('error', (error) => (this.#fault ??= error));
    this.#parser.resume();
  }

  async write(chunk: Buffer): Promise<SourceRow[]> {
    this.#checkBytes(chunk);
    await new Promise<void>((resolve) => this.#parser.write(chunk, () => resolve()));
    return this.#takeRows();
  }

  async end(): Promise<SourceRow[]> {
    await new Promise<void>((resolve) => {
      this.#parser.once('close', resolve);
      this.#parser.end();
    });
    const rows = this.#takeRows();
    if (this.#header !== null) return rows;
    throw this.#broken('the file is empty; a CSV source begins with a line of column names.');
  }

  #checkBytes(chunk: Buffer): void {
    if (this.#invalidBytes) return;
    try {
      this.#decoder.decode(chunk, { stream: true });
    } catch {
      // Which row has them is told when the row is there.
      this.#invalidBytes = true;
    }
  }

  /** Keeps the first error that is thrown inside the parser's callback, which would wrap it. */
  #guard(action: () => void): void {
    if (this.#fault !== null) return;
    try {
      action();
    } catch (error) {
      this.#fault = error instanceof Error ? error : new Error(String(error));
    }
  }

  #takeRows(): SourceRow[] {
    if (this.#fault !== null) {
      this.#parser.destroy();
      throw this.#fault instanceof CsvError ? this.#broken(faultText(this.#fault), this.#fault) : this.#fault;
    }
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  #take(cells: string[], context: Pick<InfoCallback, 'lines' | 'empty_lines'>): void {
    const line = this.#lines + context.empty_lines - this.#emptyLines + 1;
    this.#lines = context.lines;
    this.#emptyLines = context.empty_lines;
    const header = this.#header;
    if (header === null) this.#header = checkedHeader(cells, this.#options.name);
    else this.#rows.push(this.#row(cells, { header, line }));
  }

  #row(cells: string[], { header, line }: { header: string[]; line: number }): SourceRow {
    const location = `${this.#options.name}:${line}`;
    const policy = this.#options.onBadRecord;
    if (cells.length !== header.length) {
      const hint = cells.length > header.length ? '; a cell that holds a comma must stand in double quotes' : '';
      const message = `the row has ${cells.length} cells, but the header has ${header.length} columns (${excerpt(header.join(', '))})${hint}`;
      return rowFault({ policy, location, message });
    }
    if (this.#invalidBytes && cells.some((cell) => cell.includes('\ufffd'))) {
      return rowFault({ policy, location, message: `the row is not UTF-8: ${excerpt(cells.join(','))}` });
    }
    const entries = header.map((column, index): [string, string] => [column, cells[index] as string]);
    return { ok: true, row: Object.fromEntries(entries) satisfies JsonObject };
  }

  #broken(message: string, cause?: unknown): SyngraphError {
    const location = `${this.#options.name}:${this.#lines + 1}`;
    return new SyngraphError({
      code: 'SOURCE_INVALID',
      message: `${location}: ${message}`,
      nextStep:
        'Mend the file. Cells with commas, quotes or line breaks stand in double quotes, and a quote inside is doubled.',
      details: { location },
      cause,
    });
  }
}

function faultText(error: CsvError): string {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a double quote is opened in this row and never closed.';
    case 'CSV_MAX_RECORD_SIZE':
      return `the row is longer than ${MAX_ROW_BYTES / 1024 / 1024} MB; a double quote may be missing.`;
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'text follows the closing double quote of a cell in this row.';
    case 'INVALID_OPENING_QUOTE':
      return 'a double quote stands in the middle of an unquoted cell in this row.';
    default:
      return error.message;
  }
}

function checkedHeader(cells: string[], name: string): string[] {
  const twice = cells.find((cell, index) => cells.indexOf(cell) !== index);
  const empty = cells.findIndex((cell) => cell.trim() === '');
  if (twice === undefined && empty < 0) return cells;
  const what = empty >= 0 ? `column ${empty + 1} has no name` : `the column '${twice}' appears twice`;
  throw new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `${name}:1: ${what}; the header is: ${excerpt(cells.join(','))}`,
    nextStep: 'Give every column a name of its own in the first line.',
    details: { location: `${name}:1` },
  });
}
