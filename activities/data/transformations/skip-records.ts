import type { TransformationPlan } from '../../../pipeline/plan.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import { TailBuffer } from './tail-buffer.ts';

type SkipRecordsPlan = Extract<TransformationPlan, { kind: 'skip_records' }>;
type Range = { from: number | null; to: number | null };

/**
 * Leaves out rows by their position, bad rows counted. Streams: it holds back only as many rows as
 * the plan counts from the end.
 */
export async function* skipRecords(batches: RecordBatches, plan: SkipRecordsPlan): AsyncGenerator<SourceRow[]> {
  const ranges = 'ranges' in plan ? plan.ranges : rangesOfCount(plan.count);
  const tail = new TailBuffer<SourceRow>(tailSize(ranges));
  let position = 0;
  for await (const batch of batches) {
    const kept: SourceRow[] = [];
    for (const row of batch) {
      const released = tail.push(row);
      if (released === undefined) continue;
      // Any position counted from the end lies behind a row that has left the tail.
      if (!isSkipped(position, { ranges, total: Infinity })) kept.push(released);
      position += 1;
    }
    if (kept.length > 0) yield kept;
  }
  const rest = tail.rest();
  const total = position + rest.length;
  const kept = rest.filter((_, index) => !isSkipped(position + index, { ranges, total }));
  if (kept.length > 0) yield kept;
}

function rangesOfCount({ fromStart, fromEnd }: { fromStart: number; fromEnd: number }): Range[] {
  const start = { from: 0, to: fromStart };
  return fromEnd === 0 ? [start] : [start, { from: -fromEnd, to: null }];
}

function tailSize(ranges: Range[]): number {
  return Math.max(0, ...ranges.flatMap(({ from, to }) => [-(from ?? 0), -(to ?? 0)]));
}

function isSkipped(position: number, { ranges, total }: { ranges: Range[]; total: number }): boolean {
  return ranges.some(({ from, to }) => {
    const start = from === null ? 0 : from < 0 ? total + from : from;
    const end = to === null ? Infinity : to < 0 ? total + to : to;
    return position >= start && position < end;
  });
}
