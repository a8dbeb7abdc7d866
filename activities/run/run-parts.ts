import { SyngraphError } from '../../pipeline/errors.ts';
import type { RunStatus } from '../../pipeline/run-contract.ts';
import { addCounts, addStatistics, emptyCounts, emptyStatistics, type NodeStatistics, type RecordCounts } from '../../pipeline/run-statistics.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { decidingStatistics } from '../sets/set-decisions.ts';
import { readJson } from '../store/read-json.ts';
import { readAhead } from '../store/read-ahead.ts';
import type { Store } from '../store/store.ts';
import { partKey, readManifest, type RangeManifest } from './range-files.ts';
import { rangeName } from './run-files.ts';
import type { StagedIndex } from './staged-range.ts';

/** A staged range of a run, and which of its parts count once it has been closed. */
export interface RangeOfRun {
  index: StagedIndex;
  manifest: RangeManifest | null;
}

export async function readRanges(store: Store, folder: string): Promise<RangeOfRun[]> {
  const ranges: RangeOfRun[] = [];
  for (;;) {
    const index = await readJson<StagedIndex>(store, `${folder}/source/${rangeName(ranges.length)}.json`);
    if (index === null) return ranges;
    ranges.push({ index, manifest: await readManifest(store, folder, ranges.length) });
  }
}

/** Every staged record ended in exactly one way. Ranges that a cancelled run never opened count as cancelled. */
export function proveCounts(ranges: readonly RangeOfRun[], status: RunStatus): RecordCounts & { total: number } {
  const total = ranges.reduce((sum, { index }) => sum + index.records, 0);
  const counts = ranges.reduce((sum, { manifest }) => addCounts(sum, manifest?.counts ?? emptyCounts()), emptyCounts());
  const missing = total + counts.spawned - counts.written - counts.failed - counts.filtered - counts.cancelled;
  const stopped = status === 'cancelled' || status === 'failed' || status === 'capped';
  if (missing !== 0 && !(stopped && missing > 0)) {
    throw new SyngraphError({ code: 'INTERNAL', message: `of ${total + counts.spawned} records, ${missing} are unaccounted for; the output was not written` });
  }
  return { ...counts, cancelled: counts.cancelled + missing, total };
}

/** What the nodes of a run did, by their names in plan order. */
export async function nodeStatistics(store: Store, options: { folder: string; plan: Plan; ranges: readonly RangeOfRun[] }): Promise<Record<string, NodeStatistics>> {
  const { folder, plan, ranges } = options;
  const nodes: Record<string, NodeStatistics> = {};
  for (const [index, node] of plan.nodes.entries()) {
    const outside = node.kind === 'set' && node.scope === 'run' ? await decidingStatistics(store, folder, node.name) : emptyStatistics();
    nodes[node.name] = ranges.reduce((sum, { manifest }) => addStatistics(sum, manifest?.nodes[index] ?? emptyStatistics()), outside);
  }
  return nodes;
}

/** Parts that are read before their turn. */
const PARTS_AHEAD = 4;

/** Keys of the parts that count, in input order. */
export function partsOf(folder: string, ranges: readonly RangeOfRun[]): string[] {
  return ranges.flatMap(({ manifest }, range) => (manifest?.batches ?? []).map(({ part }) => partKey(folder, range, part)));
}

/** Lines in their order, as many together as are read at once: a turn of an async iterator for each would cost more than the line. */
export type LineBlocks = AsyncIterable<string[]>;

/**
 * Lines of the parts, in order: rows without the ordinal before them, as the text they are, since
 * reading and writing JSON again would be most of the work; or failed records.
 */
export async function* partLines(store: Store, parts: readonly string[], kind: 'rows' | 'failed'): AsyncGenerator<string[]> {
  for await (const { result: lines } of readAhead(parts, { ahead: PARTS_AHEAD, read: (part) => readPartLines(store, part) })) {
    yield kind === 'rows' ? lines.filter(isRow).map((line) => line.slice(line.indexOf(',') + 1, -1)) : lines.filter(isFailedRecord);
  }
}

/** @throws SyngraphError STORE_INVALID where the part is gone */
export async function readPartLines(store: Store, part: string): Promise<string[]> {
  const content = await store.read(part);
  if (content === null) throw new SyngraphError({ code: 'STORE_INVALID', message: `the part ${part} is gone from ${store.location}` });
  return content.toString('utf8').split('\n');
}

export const isRow = (line: string): boolean => line.startsWith('[');

export const isFailedRecord = (line: string): boolean => line.startsWith('{') && !line.startsWith('{"footer":');
