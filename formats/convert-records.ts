import { SyngraphError } from '../pipeline/errors.ts';
import type { JsonObject } from '../pipeline/json.ts';
import { checkRow } from './check-row.ts';
import { groupRecords, readRecord, type FormatRow } from './group-records.ts';
import { TRAINING_FORMATS, type TrainingFormatName } from './training-formats.ts';

export interface FailedConversion {
  ok: false;
  /** Number of the record's first row in the input, from 1. */
  row: number;
  /** Where an unreadable row stands. */
  location?: string;
  field: string | null;
  reason: string;
  /** The rows as they were; empty where they could not be read. */
  records: JsonObject[];
}

export type ConvertedRecord = { ok: true; rows: JsonObject[] } | FailedConversion;

export interface ConvertOptions {
  rows: AsyncIterable<FormatRow>;
  format: TrainingFormatName;
  /** ISO 8601; for OASST rows of records that have no time of their own. */
  createdAt: string | null;
}

/** Reads each record as conversations, writes them in the format and checks what was written. A record fails as a whole and alone. */
export async function* convertRecords({ rows, format, createdAt }: ConvertOptions): AsyncGenerator<ConvertedRecord> {
  let number = 1;
  for await (const record of groupRecords(rows)) {
    if (!record.ok) {
      yield { ok: false, row: record.number, location: record.location, field: null, reason: record.message, records: [] };
      continue;
    }
    const converted = convertOne(record, { format, createdAt, number });
    if (converted.ok) number += converted.rows.length;
    yield converted;
  }
}

function convertOne(
  { number: row, rows: records }: { number: number; rows: JsonObject[] },
  { format, createdAt, number }: { format: TrainingFormatName; createdAt: string | null; number: number },
): ConvertedRecord {
  try {
    const written = readRecord(records).flatMap((conversation) => TRAINING_FORMATS[format].write(conversation, { createdAt }));
    written.forEach((line, index) => checkRow(line, { format, number: number + index }));
    return { ok: true, rows: written };
  } catch (error) {
    if (!(error instanceof SyngraphError) || error.code !== 'CONVERSATION_INVALID') throw error;
    const { field } = error.details;
    return { ok: false, row, field: typeof field === 'string' ? field : null, reason: error.message, records };
  }
}
