/**
 * The results that make up the state of a record, in causal order. Results of parallel branches
 * stand in plan order at the same depth, so the order never depends on which branch was faster.
 */
export type History = readonly HistoryEntry[];

export interface HistoryEntry {
  sequence: number;
  node: number;
  /** Length of the longest way that led here. */
  depth: number;
}

export function extendHistory(history: History, next: { sequence: number; node: number }): History {
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
