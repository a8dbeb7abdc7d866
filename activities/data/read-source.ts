import type { DiskSourcePlan, SourcePlan } from '../../pipeline/plan.ts';
import { openFileRanges } from './byte-ranges.ts';
import { readFileBytes } from './file-access.ts';
import { readHubSource } from './hub-source.ts';
import { readParquet } from './parquet-reader.ts';
import { readText } from './read-text.ts';
import type { RecordBatches } from './record-batches.ts';
import type { SourceIdentity, SourceRow } from './record-source.ts';

export interface ReadSourceOptions {
  source: SourcePlan;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** As it was planned: a Hub dataset is read at that commit. */
  identity?: SourceIdentity;
}

/** The rows of a source before its transformations. */
export function readSource(options: ReadSourceOptions): RecordBatches {
  const { source, signal } = options;
  if (source.type === 'hf') return readHubSource({ ...options, source });
  const { path, format, encoding, onBadRecord } = source;
  if (format === 'parquet') return readParquetFile(source);
  return readText({ chunks: readFileBytes(path, signal), name: path, format, encoding, onBadRecord });
}

async function* readParquetFile({ path }: DiskSourcePlan): AsyncGenerator<SourceRow[]> {
  const ranges = await openFileRanges(path);
  try {
    for await (const rows of readParquet({ ranges, name: path })) yield rows.map((row) => ({ ok: true, row }));
  } finally {
    await ranges.close();
  }
}
