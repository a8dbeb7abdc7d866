import type { TokenEncoding } from '../../pipeline/quality-rules.ts';

/** A package's encoder takes time by the square of a word's length: what has no end is counted in slices. */
const LONGEST_RUN = 2_000;

/** Text such as `<|endoftext|>` in the data is text. */
const AS_TEXT = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

type Count = (text: string, options: typeof AS_TEXT) => number;

/**
 * Counts tokens as OpenAI's models do. Exact, but for runs of more than 2,000 letters, digits, blanks
 * or signs, of which each 2,000 may count a token more.
 */
export async function tokenCounter(encoding: TokenEncoding): Promise<(text: string) => number> {
  const count = await loadEncoding(encoding);
  return (text) => slices(text).reduce((sum, slice) => sum + count(slice, AS_TEXT), 0);
}

async function loadEncoding(encoding: TokenEncoding): Promise<Count> {
  switch (encoding) {
    case 'o200k_base':
      return (await import('gpt-tokenizer/encoding/o200k_base')).countTokens;
    case 'cl100k_base':
      return (await import('gpt-tokenizer/encoding/cl100k_base')).countTokens;
    case 'p50k_base':
      return (await import('gpt-tokenizer/encoding/p50k_base')).countTokens;
    case 'r50k_base':
      return (await import('gpt-tokenizer/encoding/r50k_base')).countTokens;
  }
}

/** Parts that are counted apart, so that no word has more than 2,000 characters. */
export function slices(text: string): string[] {
  if (text.length <= LONGEST_RUN) return [text];
  const found: string[] = [];
  let from = 0;
  let run = 0;
  let kind = 0;
  for (let index = 0; index < text.length; index += 1) {
    const next = kindOf(text.charCodeAt(index));
    run = next === kind ? run + 1 : 1;
    kind = next;
    // A slice must not part the two halves of a character beyond the basic plane.
    if (run < LONGEST_RUN || isLowSurrogate(text.charCodeAt(index + 1))) continue;
    found.push(text.slice(from, index + 1));
    from = index + 1;
    run = 0;
  }
  found.push(text.slice(from));
  return found;
}

/** Letters, digits, blanks and signs; beyond ASCII all but the commonest blanks and signs are letters here. */
function kindOf(code: number): number {
  if (code >= 128) return code === 0xa0 || (code >= 0x2000 && code <= 0x206f) || (code >= 0x3000 && code <= 0x303f) || (code >= 0xff00 && code <= 0xff20) ? 5 : 1;
  if ((code | 32) >= 97 && (code | 32) <= 122) return 1;
  if (code >= 48 && code <= 57) return 2;
  return code <= 32 ? 3 : 4;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
