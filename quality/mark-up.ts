/** What a text has besides prose. */
export interface MarkUp {
  /** Fenced blocks; one that is not closed counts. */
  codeBlocks: number;
  /** The last fence has no end. */
  openCodeBlock: boolean;
  inlineCode: number;
  /** Formulas in TeX, and signs such as ∑ outside of code. */
  formulas: number;
  mathSymbols: number;
  citations: number;
  tables: number;
  listItems: number;
  numberedItems: number;
  urls: number;
  /** The text without code and addresses. */
  prose: string;
}

const INLINE_CODE = /`[^`\n]{1,500}`/g;
const FORMULA = /\$\$[^$]{1,2000}\$\$|\$[^$\s\n](?:[^$\n]{0,300}[^$\s\n])?\$(?!\d)|\\\(|\\\[|\\begin\{(?:equation|align|gather|pmatrix|bmatrix|cases|matrix)\*?\}|\\(?:frac|sqrt|sum|int|prod|lim|cdot|times|leq|geq|infty|boxed)\b/g;
const MATH_SYMBOL = /[∀∂∃∅∆∇∈∉∏∑√∝∞∠∧∨∩∪∫∬∮∴≈≠≡≤≥⊂⊃⊆⊇⊕⊗×÷±]/gu;
const CITATION = /\[\d{1,3}(?:[,–-] ?\d{1,3}){0,20}\]|\((?:see )?\p{Lu}[\p{L}'’-]{1,40}(?: et al\.?| (?:and|&) \p{Lu}[\p{L}'’-]{1,40})?,? \d{4}[a-z]?\)|\bdoi:10\.\d{4,9}\/|\barXiv:\d{4}\.\d{4,5}/gu;
const TABLE_RULE = /^ {0,3}\|? {0,9}:?-{2,}:? {0,9}(?:\| {0,9}:?-{2,}:? {0,9}){1,40}\|?\s*$/;
const BULLET = /^ {0,12}[-*+•] {1,4}\S/;
const NUMBERED = /^ {0,12}(?:\d{1,3}|[a-z])[.)] {1,4}\S/i;
const URL = /\bhttps?:\/\/[^\s<>"')\]]{1,2000}/g;

/** Counts mark-up line by line; every pattern is bounded, so that its time grows with the text alone. */
export function markUp(text: string): MarkUp {
  const found = { codeBlocks: 0, tables: 0, listItems: 0, numberedItems: 0 };
  const lines: string[] = [];
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    const mark = /^ {0,9}(?:>\s?)?(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === null) {
        fence = mark;
        found.codeBlocks += 1;
      } else if (mark.startsWith(fence)) fence = null;
      continue;
    }
    if (fence !== null) continue;
    if (TABLE_RULE.test(line)) found.tables += 1;
    else if (BULLET.test(line)) found.listItems += 1;
    else if (NUMBERED.test(line)) found.numberedItems += 1;
    lines.push(line);
  }
  const outside = lines.join('\n');
  const inlineCode = count(outside, INLINE_CODE);
  const urls = count(outside, URL);
  let prose = inlineCode > 0 ? outside.replace(INLINE_CODE, ' ') : outside;
  if (urls > 0) prose = prose.replace(URL, ' ');
  return {
    ...found,
    openCodeBlock: fence !== null,
    inlineCode,
    formulas: count(prose, FORMULA),
    mathSymbols: count(prose, MATH_SYMBOL),
    citations: count(prose, CITATION),
    urls,
    prose,
  };
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
