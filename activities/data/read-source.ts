import type { DiskSourcePlan, HubSourcePlan, ServiceNowSourcePlan, SingleSourcePlan } from '../../pipeline/plan.ts';
import { openFileRanges } from './byte-ranges.ts';
import { readFileBytes } from './file-access.ts';
import { readText } from './read-text.ts';
import type { RecordBatches } from './record-batches.ts';
import type { SourceIdentity, SourceRow } from './record-source.ts';

export interface ReadSourceOptions {
  source: SingleSourcePlan;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** As it was planned: a Hub dataset is read at that commit. */
  identity?: SourceIdentity;
}

/** The rows of a source before its transformations. */
export function readSource(options: ReadSourceOptions): RecordBatches {
  const { source, signal } = options;
  if (source.type === 'hf') return readHub({ ...options, source });
  if (source.type === 'servicenow') return readServiceNow({ ...options, source });
  const { path, format, encoding, onBadRecord } = source;
  if (format === 'parquet') return readParquetFile(source);
  return readText({ chunks: readFileBytes(path, signal), name: path, format, encoding, onBadRecord });
}

// Arrow, undici and the Hub's client take longer to load than a small run takes: only their readers load them.
async function* readHub(options: ReadSourceOptions & { source: HubSourcePlan }): AsyncGenerator<SourceRow[]> {
  const { readHubSource } = await import('./hub-source.ts');
  yield* readHubSource(options);
}

async function* readServiceNow(
  options: ReadSourceOptions & { source: ServiceNowSourcePlan },
): AsyncGenerator<SourceRow[]> {
  const { readServiceNowSource } = await import('./servicenow/servicenow-source.ts');
  yield* readServiceNowSource(options);
}

async function* readParquetFile({ path }: DiskSourcePlan): AsyncGenerator<SourceRow[]> {
  const { readParquet } = await import('./parquet-reader.ts');
  const ranges = await openFileRanges(path);
  try {
    for await (const rows of readParquet({ ranges, name: path })) yield rows.map((row) => ({ ok: true, row }));
  } finally {
    await ranges.close();
  }
}
