import type { HistoryEntry } from './run-contract.ts';

/**
 * The results that make up the state of a record, in causal order. Results of parallel branches
 * stand in plan order at the same depth, so the order never depends on which branch was faster.
 */
export type History = readonly HistoryEntry[];

/** What records bring along from before the walk: no activity of this walk has made it. */
const BEFORE = -1;

export function startHistory(results: readonly string[]): History {
  return results.length === 0 ? [] : [{ sequence: BEFORE, node: BEFORE, depth: 0, results: [...results] }];
}

export function extendHistory(history: History, next: { sequence: number; node: number; results: string[] }): History {
  const depth = history.reduce((deepest, entry) => Math.max(deepest, entry.depth), 0) + 1;
  return [...history, { ...next, depth }];
}

export function uniteHistories(histories: History[]): History {
  const [first, ...others] = histories;
  if (first === undefined) return [];
  if (others.every((history) => history === first)) return first;
  const entries = new Map<number, HistoryEntry>();
  for (const history of histories) for (const entry of history) entries.set(entry.sequence, entry);
  return [...entries.values()].sort((left, right) => left.depth - right.depth || left.node - right.node);
}

/** The past that tokens of the same records bring along together. */
export function pastOf(tokens: readonly { history: History }[]): History {
  return uniteHistories(tokens.map((token) => token.history));
}

export function historyResults(history: History): string[] {
  return history.flatMap((entry) => entry.results);
}
