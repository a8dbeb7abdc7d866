import { randomBytes } from 'node:crypto';
import type { SetOperationPlan } from '../../pipeline/plan.ts';
import { emptyStatistics } from '../../pipeline/run-statistics.ts';
import { createMeter } from '../metrics/call-meter.ts';
import { aggregateRecords } from './aggregate-records.ts';
import { callSetFunction } from './call-set-function.ts';
import { deduplicateEmbedding } from './deduplicate-embedding.ts';
import { deduplicateExact } from './deduplicate-exact.ts';
import { deduplicateMinHash } from './deduplicate-minhash.ts';
import { rankRecords } from './rank-records.ts';
import { selectDiverse } from './select-diverse.ts';
import type { DecideRecord } from './set-decision.ts';
import type { SetJournal, SetWork } from './set-work.ts';

export type { DecideRecord, SetDecision, SetRecord } from './set-decision.ts';

export type DecideSetOptions = Omit<SetWork, 'journal' | 'statistics' | 'meter' | 'assertHeld'> &
  Partial<Pick<SetWork, 'statistics' | 'meter' | 'assertHeld'>> & {
    /** Default: a folder named after the node, and an attempt of its own. */
    journal?: SetJournal;
  };

/**
 * Looks at a whole set of records and says what becomes of each. Texts are never held together: what
 * is kept of a record are numbers.
 * @throws SyngraphError, PauseRun, ModelDown, or the reason of the signal
 */
export async function decideSet(options: DecideSetOptions): Promise<DecideRecord> {
  const { operation, run, name } = options;
  const work = {
    ...options,
    journal: options.journal ?? { folder: setFolder(run.folder, name), attempt: randomBytes(6).toString('hex') },
    statistics: options.statistics ?? emptyStatistics(),
    meter: options.meter ?? createMeter(options.dependencies.gateway),
    assertHeld: options.assertHeld ?? ((): void => options.signal.throwIfAborted()),
  };
  return await decide(work, operation);
}

/** Key of the folder in which what a set node must not pay for twice is kept. */
export function setFolder(runFolder: string, node: string): string {
  return `${runFolder}/sets/${encodeURIComponent(node)}`;
}

function decide(work: SetWork, operation: SetOperationPlan): Promise<DecideRecord> {
  switch (operation.kind) {
    case 'deduplicate_exact':
      return deduplicateExact({ ...work, operation });
    case 'deduplicate_minhash':
      return deduplicateMinHash({ ...work, operation });
    case 'deduplicate_embedding':
      return deduplicateEmbedding({ ...work, operation });
    case 'select_diverse':
      return selectDiverse({ ...work, operation });
    case 'rank':
      return rankRecords({ ...work, operation });
    case 'aggregate':
      return aggregateRecords({ ...work, operation });
    case 'function':
      return callSetFunction({ ...work, operation });
  }
}
