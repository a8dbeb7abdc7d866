import type { PreparedRun, RunCursor } from '../pipeline/run-contract.ts';
import type { RecordCounts } from '../pipeline/run-statistics.ts';

/** Candidates are drawn by a tenth more than the share that was accepted says, since shares vary. */
const MARGIN = 1.1;

/** Where nothing was accepted so far, the next wave is so many times what was drawn. */
const GROWTH = 2;

export function firstWave(run: Pick<PreparedRun, 'target'>): RunCursor {
  const { target } = run;
  return waveFrom(0, target === undefined ? null : Math.min(target.rows, target.maxCandidates));
}

/** The next wave of a run that has not reached its target; null where it has, or where there are no candidates left. */
export function nextWave(
  { target }: Pick<PreparedRun, 'target'>,
  { cursor, totals, staged }: { cursor: RunCursor; totals: RecordCounts; staged: number },
): RunCursor | null {
  if (target === undefined || cursor.exhausted) return null;
  const missing = target.rows - totals.rows;
  const left = target.maxCandidates - staged;
  if (missing <= 0 || left <= 0) return null;
  const expected = totals.rows === 0 ? staged * GROWTH : Math.ceil((missing / (totals.rows / staged)) * MARGIN);
  return waveFrom(cursor.endRange ?? cursor.nextRange, Math.min(left, Math.max(1, expected)));
}

function waveFrom(range: number, wanted: number | null): RunCursor {
  return { phase: 0, released: [], parkedAt: [], firstRange: range, nextRange: range, endRange: null, wanted, exhausted: false };
}
