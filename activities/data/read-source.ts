import type { DiskSourcePlan, SourcePlan } from '../../pipeline/plan.ts';
import { readFileBytes } from './file-access.ts';
import { openFileRanges } from './byte-ranges.ts';
import { readCsv } from './csv-reader.ts';
import { readJsonArray } from './json-array-reader.ts';
import { readJsonLines } from './jsonl-reader.ts';
import { readParquet } from './parquet-reader.ts';
import type { RecordBatches } from './record-batches.ts';
import type { SourceIdentity, SourceRow } from './record-source.ts';
import { toUtf8 } from './text-encoding.ts';

export interface ReadSourceOptions {
  source: SourcePlan;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  identity?: SourceIdentity;
}

/** The rows of a source before its transformations. */
export function readSource(options: ReadSourceOptions): RecordBatches {
  const { source, signal } = options;
  if (source.type === 'disk') return readDisk(source, signal);
  throw new Error('not yet');
}

function readDisk(source: DiskSourcePlan, signal: AbortSignal): RecordBatches {
  const { path, format, encoding, onBadRecord } = source;
  if (format === 'parquet') return readParquetFile(source);
  const chunks = toUtf8(readFileBytes(path, signal), { encoding, name: path });
  if (format === 'json') return readJsonArray({ chunks, name: path, onBadRecord });
  if (format === 'csv') return readCsv({ chunks, name: path, onBadRecord });
  return readJsonLines({ chunks, name: path, onBadRecord });
}

async function* readParquetFile({ path }: DiskSourcePlan): AsyncGenerator<SourceRow[]> {
  const ranges = await openFileRanges(path);
  try {
    for await (const rows of readParquet({ ranges, name: path })) yield rows.map((row) => ({ ok: true, row }));
  } finally {
    await ranges.close();
  }
}
