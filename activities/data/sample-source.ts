import type { JsonObject } from '../../pipeline/json.ts';
import type { SingleSourcePlan } from '../../pipeline/plan.ts';
import { openFileRanges, type ByteRanges } from './byte-ranges.ts';
import { readSource } from './read-source.ts';

/** Rows that are looked at for their columns. */
const SAMPLE_ROWS = 20;

export interface SourceSample {
  /** Of the first rows, in order of appearance, before transformations; null where there is no readable row. */
  columns: string[] | null;
  /** The first row; null for Parquet, whose schema says enough without reading a row group. */
  sample: JsonObject | null;
}

/**
 * What the first rows of a source have, for the compiler. Reads no more than the beginning, or a
 * Parquet file's schema; rows that cannot be read are passed over here, and found when the source
 * is opened.
 * @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID for a file that cannot be read at all
 */
export async function sampleColumns(source: SingleSourcePlan, environment: NodeJS.ProcessEnv): Promise<SourceSample> {
  const columns = await schemaColumns(source, environment);
  if (columns !== null) return { columns, sample: null };
  const rows = await firstRows(source, environment);
  const [sample] = rows;
  return sample === undefined
    ? { columns: null, sample: null }
    : { columns: [...new Set(rows.flatMap(Object.keys))], sample };
}

/** null where the source is not Parquet. */
async function schemaColumns(source: SingleSourcePlan, environment: NodeJS.ProcessEnv): Promise<string[] | null> {
  if (source.type === 'disk') {
    if (source.format !== 'parquet') return null;
    return columnsOfPart({ name: source.path, ranges: await openFileRanges(source.path) });
  }
  if (source.type === 'servicenow') return null;
  const { openHubFiles } = await import('./hub-source.ts');
  for await (const part of openHubFiles({ source, environment, signal: new AbortController().signal })) {
    return part.format === 'parquet' ? columnsOfPart(part) : null;
  }
  return null;
}

async function columnsOfPart({ name, ranges }: { name: string; ranges: ByteRanges }): Promise<string[]> {
  const { parquetColumns } = await import('./parquet-reader.ts');
  try {
    return await parquetColumns({ ranges, name });
  } finally {
    await ranges.close();
  }
}

async function firstRows(source: SingleSourcePlan, environment: NodeJS.ProcessEnv): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  const { signal } = new AbortController();
  for await (const batch of readSource({ source: { ...source, onBadRecord: 'skip' }, environment, signal })) {
    for (const entry of batch) {
      if (entry.ok) rows.push(entry.row);
      if (rows.length >= SAMPLE_ROWS) return rows;
    }
  }
  return rows;
}
