import type { StoredRun } from './stored-runs.ts';

export interface Expiry {
  /** Runs whose last write is older than this, epoch milliseconds. */
  before?: number;
  /** The store is to hold no more bytes than this: the oldest runs go first. */
  keepBytes?: number;
  /** Names of runs that somebody wants gone. */
  named: ReadonlySet<StoredRun>;
  /** Those that could be resumed, too. */
  unfinished: boolean;
}

/** Runs that may go, the oldest first. Open ones never do; unfinished ones only where they are asked for. */
export function chooseExpired(runs: readonly StoredRun[], { before, keepBytes, named, unfinished }: Expiry): StoredRun[] {
  const oldestFirst = [...runs].sort((left, right) => left.usedAt - right.usedAt);
  const mayGo = (run: StoredRun): boolean => run.state === 'ended' || (run.state === 'unfinished' && (unfinished || named.has(run)));
  const expired = new Set(oldestFirst.filter((run) => mayGo(run) && (named.has(run) || (before !== undefined && run.usedAt < before))));
  let bytes = runs.reduce((sum, run) => sum + (expired.has(run) ? 0 : run.bytes), 0);
  for (const run of keepBytes === undefined ? [] : oldestFirst) {
    if (bytes <= keepBytes!) break;
    if (expired.has(run) || !mayGo(run)) continue;
    expired.add(run);
    bytes -= run.bytes;
  }
  return oldestFirst.filter((run) => expired.has(run));
}
