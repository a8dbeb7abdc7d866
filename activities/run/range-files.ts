import type { NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import type { BatchResult } from '../../pipeline/run-contract.ts';
import type { NodeStatistics, RecordCounts } from '../../pipeline/run-statistics.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';
import { batchName, rangeName } from './run-files.ts';

/** `ranges/<range>.json`: which part of each batch counts, and the sums of a closed range. */
export interface RangeManifest {
  counts: RecordCounts;
  /** In batch order. */
  batches: { batch: number; part: string }[];
  nodes: NodeStatistics[];
  /** What nodes did beyond their statistics. Absent in runs of older versions. */
  metrics?: NodeMetrics[];
}

/** Last line of a part. */
export interface PartFooter {
  footer: Omit<BatchResult, 'part'>;
  /** What nodes did beyond their statistics. Absent in runs of older versions. */
  metrics?: NodeMetrics[];
  /** Results of the batch's activities that were accepted, in that order. Absent in runs of older versions. */
  accepted?: string[];
}

const PARTIAL = '.partial.jsonl';

/** Names a part; one of a cancelled batch says so, and is superseded when the batch is run again. */
export function partName(options: { batch: number; attempt: string; partial: boolean }): string {
  return `${batchName(options.batch)}-${options.attempt}${options.partial ? PARTIAL : '.jsonl'}`;
}

/** The run was cancelled before its batch was finished. */
export function isPartialPart(part: string): boolean {
  return part.endsWith(PARTIAL);
}

export function partKey(folder: string, range: number, part: string): string {
  return `${folder}/parts/${rangeName(range)}/${part}`;
}

export function manifestKey(folder: string, range: number): string {
  return `${folder}/ranges/${rangeName(range)}.json`;
}

export function readManifest(store: Store, folder: string, range: number): Promise<RangeManifest | null> {
  return readJson<RangeManifest>(store, manifestKey(folder, range));
}

/** Whole parts of a range by batch. Several attempts may have written one: all hold the same, the first is taken. */
export async function wholeParts(store: Store, folder: string, range: number): Promise<Map<number, string>> {
  const parts = new Map<number, string>();
  const prefix = partKey(folder, range, '');
  for (const key of (await store.list(prefix)).sort()) {
    const name = key.slice(prefix.length);
    const batch = Number.parseInt(name, 10);
    if (!isPartialPart(name) && !parts.has(batch)) parts.set(batch, name);
  }
  return parts;
}

export async function finishedBatches(store: Store, folder: string, range: number): Promise<number[]> {
  return [...(await wholeParts(store, folder, range)).keys()];
}
