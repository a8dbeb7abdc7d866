/** What the judge said, whatever names it used. */
export interface Judgement {
  score: number | null;
  is_good: boolean;
  critique: string;
  raw: object;
}

const GOOD_WORDS = ['true', 'yes', 'y', 'pass', 'good'];

/**
 * Reads the judge's answer. A score decides by the threshold; without one the judge's own word does.
 * @throws Error where the answer says neither, so that the record fails instead of passing as bad
 */
export function readJudgement(answer: string, threshold: number): Judgement {
  const raw = parseObject(answer);
  const score = numberOf(raw['score'] ?? raw['QUALITY_SCORE']);
  const verdict = raw['is_good'] ?? raw['pass'];
  if (score === null && typeof verdict !== 'boolean' && typeof verdict !== 'string')
    throw new Error(`the judge gave neither score nor is_good: ${answer.slice(0, 200)}`);
  const isGood = score === null ? isYes(verdict) : score >= threshold;
  return { score, is_good: isGood, critique: textOf(raw['critique'] ?? raw['QUALITY_EXPLANATION']), raw };
}

/** From the first brace to the last one, since models put JSON into fences and sentences. */
function parseObject(answer: string): Record<string, unknown> {
  const text = answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Error(`the judge's answer is no JSON object: ${answer.slice(0, 200)}`);
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function isYes(verdict: unknown): boolean {
  return typeof verdict === 'boolean' ? verdict : GOOD_WORDS.includes(String(verdict).trim().toLowerCase());
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}
