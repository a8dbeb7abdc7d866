import type { Category } from './categories.ts';
import { textOf, type JudgedConversation } from './judged-conversation.ts';

/** 0: no sign of the category; 1: a sign; 2: as good as sure. */
type Strength = 0 | 1 | 2;

/** More than this of a text is not looked at: what is asked stands at its beginning. */
const MOST_CHARACTERS = 20_000;

const CODE_REQUEST =
  /\b(?:write|implement|create|build|fix|debug|refactor|optimi[sz]e|explain|complete|convert|review|port)\b[^.?!]{0,80}\b(?:function|script|code|query|regex|regular expression|unit tests?|algorithm|component|endpoint|stored procedure|dockerfile|bug)\b/i;
const LANGUAGE = /\b(?:python|javascript|typescript|java|rust|golang|sql|bash|html|css|react|node\.js|kotlin|php|numpy|pandas)\b|\bc(?:\+\+|#)/i;

const MATH_NOTATION = /\\(?:frac|int|sum|sqrt|lim|cdot|begin\{(?:equation|align|[bp]?matrix))|\$\$/;
const MATH_REQUEST = /\b(?:solve|simplify|factor(?:i[sz]e)?|differentiate|integrate|compute|calculate|evaluate|derivative of|integral of|prove that)\b[^?]{0,120}[0-9=^²³]|\d ?(?:%|percent) of \d/i;
const AMOUNT = /\bhow (?:many|much|long|far|fast|old|tall)\b|\bwhat (?:percentage|fraction|is the (?:sum|product|area|volume|probability|average|mean|total|price|speed))\b|\bwhat did .{1,40} cost\b/i;
const MATH_WORD = /\b(?:equation|probability|triangle|matrix|theorem|algebra|geometry|polynomial)\b|\d\s*[+*/×÷^=]\s*\d/i;

const GIVEN_TEXT =
  /\b(?:according to|based (?:only |solely )?on|using|from|in|of|summari[sz]e) (?:only )?(?:the|this) (?:following |above |given |provided )*(?:text|passage|article|paragraph|document|context|excerpt|transcript|e-?mail|report)\b|^\s*(?:context|passage|text|document|article)\s*:/im;

const PUZZLE =
  /\b(?:logic puzzle|riddle|syllogism|premises?|deduce|truth-?teller|knaves?|does it (?:logically )?follow|should (?:we|i|one) conclude|can (?:we|you|be|it) (?:be )?(?:conclude|infer)d?|(?:must|can|could) be (?:true|false)|who is (?:the )?(?:tallest|shortest|oldest|youngest|lying))\b|\ball (?:\w+ ){1,6}are\b[^?]{1,200}\bis (?:it|he|she|this|that)\b/i;
const ARGUMENT = /\b(?:infer|conclude|fallacy|trade-?offs?|pros and cons|step by step|reasoning)\b|\bif\b.{3,120}\bthen\b/i;

const NUMBER = '(?:\\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)';
const UNIT = '(?:words?|sentences?|lines?|paragraphs?|characters?|items?|bullets?|points?|stanzas?|syllables?)';
const CONSTRAINTS = [
  new RegExp(`\\b${NUMBER}[- ]${UNIT}\\b`, 'i'),
  /\b(?:bullet(?:ed|s| points?)?|numbered list|as a table|markdown|(?:in|as) (?:json|yaml|xml|csv)|haiku|sonnet|acrostic|limerick)\b/i,
  /\b(?:do not|don't|never|without|avoid)\b.{0,20}\b(?:use|using|mention|include|including|contain|the (?:word|letter))\b|\bno (?:exclamation marks?|commas?|adjectives|jargon)\b/i,
  /\b(?:include|mention|contain|use|using)\b.{0,20}\b(?:words?|phrases?|keywords?)\b|\b(?:must|make sure to|be sure to) (?:include|mention|contain)\b|\bmention (?:the|that)\b/i,
  /\bin (?:a|an|the) [\w-]+ (?:tone|style|voice)\b|\bin the style of\b|\bas if you were\b|\bfrom the (?:perspective|point of view)\b/i,
  /\b(?:begin|start|end|finish|close)\b.{0,30}\bwith\b/i,
  /\b(?:all caps|upper ?case|lower ?case|capital letters|(?:present|past|future) tense|(?:first|second|third) person)\b/i,
];

const QUESTION = /^\W*(?:who|whom|whose|what|when|where|which|why|how|is|are|were|does|did|do|has|have)\b[^?]*\?/i;
const PERSONAL = /\b(?:i|i'm|i've|my|me|we|our|you|your)\b/i;
const GREETING = /^\W*(?:hi|hello|hey|thanks|thank you|good (?:morning|evening|night|afternoon)|how are you|bye|goodbye)\b/i;

/** Of a request in English; in other languages hardly anything is found, and the model decides. */
const RULES: Record<Category, (request: string, other: { answer: string; earlier: string }) => Strength> = {
  code_writing: (request, { answer }) => {
    if (hasCodeBlock(request) || hasCodeBlock(answer)) return 2;
    if (CODE_REQUEST.test(request)) return 2;
    return LANGUAGE.test(request) ? 1 : 0;
  },
  math_solving: (request, { answer }) => {
    const numbers = request.match(/\d+(?:[.,]\d+)*/g) ?? [];
    if (MATH_NOTATION.test(request) || MATH_REQUEST.test(request) || (numbers.length >= 2 && AMOUNT.test(request))) return 2;
    return MATH_WORD.test(request) || MATH_NOTATION.test(answer) ? 1 : 0;
  },
  closed_qa: (request, { earlier }) => {
    if (GIVEN_TEXT.test(request)) return 2;
    // A passage may stand in the system message or an earlier turn, and the question after it seem an open one.
    if (GIVEN_TEXT.test(earlier)) return 1;
    return wordsOf(request) > 150 && request.includes('?') ? 1 : 0;
  },
  complex_instruction_following: (request) => {
    const constraints = CONSTRAINTS.filter((constraint) => constraint.test(request)).length;
    return constraints >= 3 ? 2 : constraints === 2 ? 1 : 0;
  },
  reasoning: (request) => (PUZZLE.test(request) ? 2 : ARGUMENT.test(request) ? 1 : 0),
  open_qa: (request) => (wordsOf(request) <= 40 && QUESTION.test(request) && !PERSONAL.test(request) ? 1 : 0),
  generic: (request) => (wordsOf(request) <= 8 && GREETING.test(request) ? 2 : 0),
};

/** The one category with the strongest signs; null where there are none, or several are alike strong: a model decides. */
export function categoryByRules({ earlier, request, answer }: JudgedConversation): Category | null {
  const asked = request.slice(0, MOST_CHARACTERS);
  const before = earlier.map(({ content }) => textOf(content)).join('\n');
  const other = { answer: answer.slice(0, MOST_CHARACTERS), earlier: before.slice(0, MOST_CHARACTERS) };
  const found = Object.entries(RULES).map(([category, rule]) => ({ category: category as Category, strength: rule(asked, other) }));
  const strongest = Math.max(...found.map(({ strength }) => strength));
  const winners = found.filter(({ strength }) => strength === strongest);
  return strongest > 0 && winners.length === 1 ? winners[0]!.category : null;
}

/** Fences stand around quoted text as well. */
function hasCodeBlock(text: string): boolean {
  return /^ {0,3}```(?!\s*(?:text|txt|md|markdown|latex|tex|math|csv)\b)[^\n]*\n[^`]/im.test(text);
}

function wordsOf(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
