import type { FileFormat } from '../../pipeline/plan.ts';
import { readCsv } from './csv-reader.ts';
import { readJsonArray } from './json-array-reader.ts';
import { readJsonLines } from './jsonl-reader.ts';
import type { RecordBatches } from './record-batches.ts';
import type { BadRecordPolicy } from './row-fault.ts';
import { toUtf8 } from './text-encoding.ts';

export interface ReadTextOptions {
  chunks: AsyncIterable<Buffer>;
  /** File name for messages. */
  name: string;
  format: Exclude<FileFormat, 'parquet'>;
  encoding: string;
  onBadRecord: BadRecordPolicy;
}

/** Rows of a text file in one of the three text formats. */
export function readText({ chunks, name, format, encoding, onBadRecord }: ReadTextOptions): RecordBatches {
  const options = { chunks: toUtf8(chunks, { encoding, name }), name, onBadRecord };
  switch (format) {
    case 'json':
      return readJsonArray(options);
    case 'csv':
      return readCsv(options);
    case 'jsonl':
      return readJsonLines(options);
  }
}
