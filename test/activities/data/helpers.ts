import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';
import { rowsOfBatch } from '../../../activities/data/arrow-to-json.ts';
import { openSource, type OpenSourceOptions, type TransformFunctions } from '../../../activities/data/open-source.ts';
import type { SourceRow } from '../../../activities/data/record-source.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { DiskSourcePlan } from '../../../pipeline/plan.ts';

/** A folder that goes away with the test file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-data-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function fileWith(content: string | Uint8Array, name: string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

export function diskSource(source: Partial<DiskSourcePlan> & { path: string }): DiskSourcePlan {
  const format = source.path.slice(source.path.lastIndexOf('.') + 1) as DiskSourcePlan['format'];
  return { type: 'disk', format, encoding: 'utf-8', onBadRecord: 'stop', transformations: [], ...source };
}

export const noFunctions: TransformFunctions = {
  filter: () => Promise.reject(new Error('no filter here')),
  transform: () => Promise.reject(new Error('no transform here')),
};

export async function readAll(
  options: Pick<OpenSourceOptions, 'source'> & Partial<OpenSourceOptions>,
): Promise<SourceRow[]> {
  const entries: SourceRow[] = [];
  const defaults = { functions: noFunctions, environment: {}, signal: new AbortController().signal };
  for await (const entry of openSource({ ...defaults, ...options })) entries.push(entry);
  return entries;
}

/** Good rows only. */
export async function readRows(
  options: Pick<OpenSourceOptions, 'source'> & Partial<OpenSourceOptions>,
): Promise<JsonObject[]> {
  return (await readAll(options)).flatMap((entry) => (entry.ok ? [entry.row] : []));
}

export function asStream<T>(items: T[]): () => AsyncGenerator<T> {
  return async function* () {
    yield* items;
  };
}

/** Rows of a good Parquet file without the thread that guards a source against bad ones: many tests are faster so. */
export async function parquetRows(path: string): Promise<JsonObject[]> {
  return tableFromIPC(readParquet(await readFile(path)).intoIPCStream()).batches.flatMap(rowsOfBatch);
}
