import { CATEGORIES, type Category } from './categories.ts';
import { CATEGORY_EVIDENCE } from './category-evidence.ts';
import { CONSTRAINTS } from './constraints.ts';

/** What is looked at of a conversation. */
export interface CategorisedConversation {
  /** Text of the turns before the request, the system message among them. */
  earlier: string;
  /** What the user asks last. */
  request: string;
  /** The last answer. */
  answer: string;
}

export interface ToldCategory {
  /** What most speaks for; `generic` where nothing speaks for any. */
  category: Category;
  /** All that something speaks for, the strongest first. */
  signals: Category[];
  /** false: a model had better decide, as nothing speaks clearly for one alone. */
  isSure: boolean;
}

/** What is asked stands at the beginning or the end of a text, and hostile texts shall cost no time. */
const HEAD_CHARACTERS = 4_000;
const TAIL_CHARACTERS = 1_000;
const SURE_LEAD = 2;
const MOST_WORDS_OF_A_QUESTION = 40;
const FEWEST_WORDS_WITH_A_PASSAGE = 150;
const MOST_CHARACTERS_BEHIND_A_QUESTION = 60;
const FEWEST_CHARACTERS_OF_A_STATEMENT = 20;
/** By the number of kinds of constraints; three and more are the last. */
const CONSTRAINT_POINTS = [0, 1, 3, 6] as const;

const PERSONAL = /\b(?:i|i'm|i've|my|me|we|our|you|your)\b/i;
const FIRST_PERSON = /\b(?:i|i'm|i've|me|we|our)\b/i;
const POLITE = /^\W*(?:(?:can|could|would|will) you |please )?(?:please )?(?:(?:tell|give|show) me |explain )?/i;
const QUANTITY =
  /\bhow (?:many|much|long|far|fast|old|tall|often|big|heavy)\b|\b(?:what|when|which|find)\b[^?]{0,60}\b(?:percentage|fraction|sum|product|area|volume|probability|chance|average|mean|total|price|speed|cost|number|catch up|meet|time|age|distance|length|width|height|weight|amount|profit|ratio|angle)\b|\bwhat did .{1,40} cost\b/i;
const NUMBERS = /\d+(?:[.,]\d+)*|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|hundred|thousand|half|twice|double|dozen)\b/gi;
const CALCULATION = /\d\s?[-+*/×÷^]\s?\d{1,20}[^\n]{0,40}=|=\s?-?\d|\\(?:frac|sqrt|boxed)|[∑∫√≤≥]/;
/** A task that points at a text, and the text behind a colon, a question or an empty line. */
const TASK_THEN_TEXT = /^[^\n]{0,200}\b(?:read|below|following|this|above|attached|table|notice|abstract|passage|text)\b[^\n]{0,200}(?:[:?]\s+["“A-Z|]|[.?]\n\n?)[^]{40}/i;

/** Which of the paper's seven categories (section 4.2) a conversation is of, by what speaks for each in its request and answer; written for English. */
export function tellCategory({ earlier, request, answer }: CategorisedConversation): ToldCategory {
  const asked = clipped(request);
  const points = { ...evidenceIn(asked), complex_instruction_following: CONSTRAINT_POINTS[Math.min(CONSTRAINTS.filter((constraint) => constraint.test(asked)).length, 3)]! };
  const words = wordsIn(request);
  const isShort = words <= MOST_WORDS_OF_A_QUESTION;
  if (hasCodeBlock(asked)) points.code_writing += 6;
  if (hasCodeBlock(clipped(answer))) points.code_writing += 4;
  points.math_solving += quantityPoints(asked, isShort);
  if (points.math_solving > 0 && CALCULATION.test(clipped(answer))) points.math_solving += 1;
  if (CATEGORY_EVIDENCE.closed_qa.some(({ points: worth, pattern }) => worth === 4 && pattern.test(clipped(earlier)))) points.closed_qa += 1;
  if (words > FEWEST_WORDS_WITH_A_PASSAGE && request.includes('?')) points.closed_qa += 2;
  if (TASK_THEN_TEXT.test(asked)) points.closed_qa += 3;
  // With quantities it is a calculation, with a passage a question about that.
  if (points.math_solving < 4 && points.closed_qa < 4 && endsInPuzzle(asked.slice(-TAIL_CHARACTERS)) && !FIRST_PERSON.test(asked)) points.reasoning += 3;
  points.open_qa = isShort && !PERSONAL.test(asked.replace(POLITE, '')) ? Math.min(points.open_qa, 2) : 0;
  return decide(points);
}

function evidenceIn(asked: string): Record<keyof typeof CATEGORY_EVIDENCE, number> {
  const sums = Object.entries(CATEGORY_EVIDENCE).map(([category, evidence]) => [category, evidence.reduce((sum, { points, pattern }) => sum + (pattern.test(asked) ? points : 0), 0)]);
  return Object.fromEntries(sums) as Record<keyof typeof CATEGORY_EVIDENCE, number>;
}

function quantityPoints(asked: string, isShort: boolean): number {
  const numbers = asked.match(NUMBERS)?.length ?? 0;
  if (numbers > 0 && QUANTITY.test(asked)) return numbers > 1 ? 4 : 1;
  return numbers > 1 && isShort && /^\W*what (?:is|are)\b/i.test(asked.replace(POLITE, '')) ? 4 : 0;
}

/** A statement, then one question, which ends the text but for a hint such as "Explain." */
function endsInPuzzle(text: string): boolean {
  const end = text.lastIndexOf('?');
  if (end === -1 || text.length - end > MOST_CHARACTERS_BEHIND_A_QUESTION) return false;
  const before = text.slice(text.lastIndexOf('?', end - 1) + 1, end);
  return before.split(/\.\s/).slice(0, -1).some((sentence) => sentence.length - Math.max(sentence.lastIndexOf('\n'), sentence.lastIndexOf('!'), sentence.lastIndexOf('.')) > FEWEST_CHARACTERS_OF_A_STATEMENT);
}

function decide(points: Record<Category, number>): ToldCategory {
  const found = CATEGORIES.filter((category) => points[category] > 0).sort((left, right) => points[right] - points[left]);
  const [first, second] = found;
  if (first === undefined) return { category: 'generic', signals: [], isSure: false };
  const lead = points[first] - (second === undefined ? 0 : points[second]);
  return { category: first, signals: found, isSure: lead >= SURE_LEAD };
}

/** Fences stand around quoted text and data as well. */
function hasCodeBlock(text: string): boolean {
  return /^ {0,3}```(?!\s{0,9}(?:text|txt|md|markdown|latex|tex|math|csv|json|yaml|xml)\b)[^\n]*\n[^`]/im.test(text);
}

function clipped(text: string): string {
  return text.length <= HEAD_CHARACTERS + TAIL_CHARACTERS ? text : `${text.slice(0, HEAD_CHARACTERS)}\n${text.slice(-TAIL_CHARACTERS)}`;
}

function wordsIn(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
