import type { NamedFinding } from '../../quality/model-rules/apply-model-rules.ts';
import type { RecordFailure } from '../nodes/node-result.ts';
import type { WorkRecord } from '../nodes/node-work.ts';
import type { ScoringTask } from './scoring-task.ts';

/** What the models have found of one record; `failure`: what keeps it from being judged. */
export interface ScoredRecord {
  findings: NamedFinding[];
  failure: Partial<RecordFailure> & { code: string; message: string } | null;
  /** Tasks whose finding has not come: a run that is stopped ends before they are asked. */
  due: number;
}

/** A task and where its finding goes. */
export interface DueTask {
  record: WorkRecord;
  task: ScoringTask;
  scored: ScoredRecord;
}

export function noteFinding(scored: ScoredRecord, found: NamedFinding): void {
  scored.findings.push(found);
  scored.due -= 1;
}
