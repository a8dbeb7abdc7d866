import type { JsonObject } from '../../pipeline/json.ts';
import type { SourcePlan } from '../../pipeline/plan.ts';
import { openFileRanges } from './byte-ranges.ts';
import { parquetColumns } from './parquet-reader.ts';
import { readSource } from './read-source.ts';

/** Rows that are looked at for their columns. */
const SAMPLE_ROWS = 20;

export interface SourceSample {
  /** Of the first rows, in order of appearance, before transformations; null where there is no readable row. */
  columns: string[] | null;
  /** The first row. */
  sample: JsonObject | null;
}

/**
 * What the first rows of a source have, for the compiler. Reads no more than the beginning; rows
 * that cannot be read are passed over here, and found when the source is opened.
 * @throws SyngraphError SOURCE_NOT_FOUND, SOURCE_INVALID for a file that cannot be read at all
 */
export async function sampleColumns(source: SourcePlan, environment: NodeJS.ProcessEnv): Promise<SourceSample> {
  const rows = await firstRows(source, environment);
  const [sample] = rows;
  if (sample !== undefined) return { columns: [...new Set(rows.flatMap(Object.keys))], sample };
  return { columns: await columnsWithoutRows(source), sample: null };
}

async function firstRows(source: SourcePlan, environment: NodeJS.ProcessEnv): Promise<JsonObject[]> {
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

async function columnsWithoutRows(source: SourcePlan): Promise<string[] | null> {
  if (source.type !== 'disk' || source.format !== 'parquet') return null;
  const ranges = await openFileRanges(source.path);
  try {
    return await parquetColumns({ ranges, name: source.path });
  } finally {
    await ranges.close();
  }
}
