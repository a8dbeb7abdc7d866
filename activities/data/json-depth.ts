/** Deeper rows are refused: writing them out again, or copying them to a thread, would exhaust the stack. */
export const MAX_JSON_DEPTH = 1000;

/** Whether a value that was parsed from `text` is deeper than {@link MAX_JSON_DEPTH}. */
export function isTooDeep(value: unknown, text: string): boolean {
  // Each level takes an opening and a closing bracket, so that short texts, nearly all, need no walk.
  return text.length > 2 * MAX_JSON_DEPTH && exceeds(value, MAX_JSON_DEPTH);
}

function exceeds(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return children.some((child) => exceeds(child, levels - 1));
}
