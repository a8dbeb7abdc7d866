import { PII_KINDS, type PiiKind } from '../pipeline/quality-rules.ts';
import { isCardNumber, isIban, isPublicIp, isPhoneNumber } from './pii-checks.ts';

interface PiiPattern {
  pattern: RegExp;
  holds?: (text: string) => boolean;
}

export interface FoundPii {
  kind: PiiKind;
  start: number;
  end: number;
}

/** Bounded patterns, so that hostile text costs no more time than other text; `holds` asks what a pattern cannot. */
const PATTERNS: Readonly<Record<PiiKind, PiiPattern>> = {
  key: {
    pattern:
      /\b(?:sk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{20,200}|(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}|xox[abprs]-[A-Za-z0-9-]{10,250}|AIza[A-Za-z0-9_-]{35}|hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|[sr]k_live_[A-Za-z0-9]{16,99}|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000})|-----BEGIN (?:[A-Z]{2,12} ){0,2}PRIVATE KEY-----/g,
  },
  email: { pattern: /(?<![\w.+%-])[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}\b/g },
  iban: { pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, holds: isIban },
  card: { pattern: /(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-]|\.\d)/g, holds: isCardNumber },
  ip: {
    pattern: /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9A-Fa-f]{1,4}(?::|::)){2,7}[0-9A-Fa-f]{1,4})(?![\w:]|\.\d)/g,
    holds: isPublicIp,
  },
  phone: { pattern: /(?<![\w.+/-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]?\d{2,4}){1,5}(?![\w/]|[.-]\d)/g, holds: isPhoneNumber },
};

/** Personal data in a text, by place; what one kind has taken is not looked at for another. */
export function findPii(text: string, kinds: readonly PiiKind[]): FoundPii[] {
  const found: FoundPii[] = [];
  let taken: Uint8Array | null = null;
  // Keys and numbers with a checksum go first: a phone number is what is left.
  for (const kind of ORDER) {
    if (!kinds.includes(kind)) continue;
    const { pattern, holds } = PATTERNS[kind];
    for (const { 0: match, index: start } of text.matchAll(pattern)) {
      const end = start + match.length;
      if (taken?.subarray(start, end).includes(1) === true || holds?.(match) === false) continue;
      taken ??= new Uint8Array(text.length);
      taken.fill(1, start, end);
      found.push({ kind, start, end });
    }
  }
  return found.sort((left, right) => left.start - right.start);
}

const ORDER = (Object.keys(PATTERNS) as PiiKind[]).filter((kind) => PII_KINDS.includes(kind));

/** The text with each find replaced by its kind, e.g. `<EMAIL>`. */
export function maskPii(text: string, kinds: readonly PiiKind[]): string {
  let masked = '';
  let from = 0;
  for (const { kind, start, end } of findPii(text, kinds)) {
    masked += `${text.slice(from, start)}<${kind.toUpperCase()}>`;
    from = end;
  }
  return masked + text.slice(from);
}
