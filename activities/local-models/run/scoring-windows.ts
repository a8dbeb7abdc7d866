/** What one pass of a model sees of a text. */
export interface ScoringWindow {
  /** Which of the texts. */
  text: number;
  tokens: number[];
  /** Index of the first token whose surprise counts; those before are only seen. */
  from: number;
}

export interface WindowOptions {
  text: number;
  /** Token that begins texts; null: the model has none, and the first token of a text is not scored. */
  begin: number | null;
  /** Tokens of a window at most. */
  size: number;
  /** Tokens before a window's own that it sees again. */
  overlap: number;
}

/** Windows that follow each other; each token but the very first counts in exactly one. */
export function slidingWindows(ids: readonly number[], { text, begin, size, overlap }: WindowOptions): ScoringWindow[] {
  const all = begin === null ? [...ids] : [begin, ...ids];
  // A window needs a token before its own.
  const seen = Math.min(Math.max(1, overlap), size - 1);
  const windows: ScoringWindow[] = [];
  for (let counted = 1; counted < all.length; ) {
    const start = Math.max(0, counted - seen);
    const end = Math.min(start + size, all.length);
    windows.push({ text, tokens: all.slice(start, end), from: counted - start });
    counted = end;
  }
  return windows;
}

/**
 * One window: the tokens count, and are seen after those before them. Of what is too long the beginning of what stands
 * before is left out, and the end of the tokens beyond half a window, however little stands before them: so the same
 * tokens count whatever they are seen after.
 */
export function windowAfter(before: readonly number[], ids: readonly number[], { text, begin, size }: WindowOptions): ScoringWindow[] {
  const own = ids.slice(0, Math.floor(size / 2));
  const first = begin === null ? [] : [begin];
  const room = size - first.length - own.length;
  const seen = [...first, ...before.slice(Math.max(0, before.length - room))];
  // Where no token begins texts, the first of the tokens cannot be foretold when it stands alone, and never counts.
  const from = seen.length + (begin === null ? 1 : 0);
  const tokens = [...seen, ...own];
  return tokens.length > from ? [{ text, tokens, from }] : [];
}
