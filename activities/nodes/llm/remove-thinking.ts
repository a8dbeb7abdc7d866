const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Takes `<think>` blocks out of an answer. Chat templates that open the block themselves leave only
 * its end in the answer; a block that is never closed was cut off before the answer began.
 */
export function removeThinking(text: string): { text: string; thinking: string | null } {
  const kept: string[] = [];
  const removed: string[] = [];
  let rest = text;
  const [firstOpen, firstClose] = [rest.indexOf(OPEN), rest.indexOf(CLOSE)];
  if (firstClose !== -1 && (firstOpen === -1 || firstClose < firstOpen)) {
    removed.push(rest.slice(0, firstClose));
    rest = rest.slice(firstClose + CLOSE.length);
  }
  for (let open = rest.indexOf(OPEN); open !== -1; open = rest.indexOf(OPEN)) {
    kept.push(rest.slice(0, open));
    const close = rest.indexOf(CLOSE, open);
    removed.push(rest.slice(open + OPEN.length, close === -1 ? undefined : close));
    rest = close === -1 ? '' : rest.slice(close + CLOSE.length);
  }
  if (removed.length === 0) return { text, thinking: null };
  return { text: [...kept, rest].join('').trim(), thinking: removed.join('\n').trim() };
}
