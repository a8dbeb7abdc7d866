import type { ConversationView } from './conversation-view.ts';

export const CATEGORIES = ['code_writing', 'math_solving', 'closed_qa', 'complex_instruction_following', 'reasoning', 'open_qa', 'generic'] as const;

export type Category = (typeof CATEGORIES)[number];

const CODE_TASK =
  /\b(?:write|implement|create|fix|debug|refactor|optimi[sz]e|code|program|develop|complete)\b[^.?!\n]{0,80}\b(?:function|class|method|script|program|code|algorithm|query|regex|unit tests?|api|endpoint|component|module|bug)\b/i;
const LANGUAGE_OF_CODE = /\b(?:python|javascript|typescript|java|c\+\+|c#|rust|golang|sql|bash|html|css|kotlin|swift|php|ruby|haskell)\b/i;
const MATH_TASK =
  /\b(?:solve|calculate|compute|evaluate|simplify|differentiate|integrate|factori[sz]e|prove that|find the (?:value|sum|product|derivative|integral|area|volume|probability|roots?))\b[^\n]{0,200}?(?:\d|[a-z] ?=|\bx\b)|\b(?:equation|integral|derivative|polynomial|theorem|triangle|probability that)\b|\bhow (?:many|much|far|fast)\b[^?\n]{0,200}\d|\d[^?\n]{0,200}\bhow (?:many|much|far|fast)\b/i;
const ARITHMETIC = /\d\s?[-+*/×÷^]\s?\d+(?:\s?[-+*/×÷^]\s?\d+){0,20}\s?=/;
const GIVEN_CONTEXT =
  /^\s{0,9}(?:context|passage|text|document|article|paragraph|excerpt)\s?:|\b(?:according to|based on|using|given|from|in) the (?:(?:following|above|given|provided) )?(?:text|passage|context|article|document|paragraph|excerpt|information above)\b|\bread the (?:following|text|passage)\b/im;
const CONSTRAINT =
  /\b(?:must|exactly|at least|at most|no more than|do not|don't|avoid|without using|include|start with|end with|begin with|in (?:json|yaml|xml|markdown|csv)|as a (?:table|list)|bullet points?|\d+ (?:words|sentences|paragraphs|lines|items)|in the style of|tone)\b/gi;
const LOGIC = /\b(?:puzzle|riddle|logic|logically|deduce|deduction|infer|inference|premise|syllogism|conclude|conclusion|who is lying|truth-teller|step by step|reason through|which of (?:the following|these) (?:is|are|must))\b|\bif (?:all|no|some|every)\b[^.\n]{0,120}\b(?:then|can we|must|are)\b/i;
const QUESTION = /\?\s*$|^(?:who|what|when|where|which|why|how|is|are|was|were|does|did|do|can|could|in what)\b[^\n]{1,300}\?/im;
const FEWEST_CONSTRAINTS = 3;
const MOST_WORDS_OF_A_QUESTION = 60;

/**
 * Which category a conversation is of, by rules over what the user wants and what the answer
 * contains. `signals` are all categories with evidence, the strongest first; none: generic.
 */
export function categoryOf(view: ConversationView): { category: Category; signals: Category[] } {
  const request = view.textsOf('user').join('\n').slice(0, 20_000);
  const { codeBlocks, formulas, mathSymbols } = view.markUp;
  const constraints = new Set((request.match(CONSTRAINT) ?? []).map((found) => found.toLowerCase())).size;
  const isCode = codeBlocks > 0 || CODE_TASK.test(request) || (LANGUAGE_OF_CODE.test(request) && /`|\bcode\b/i.test(view.text));
  const isMath = formulas > 0 || mathSymbols > 1 || MATH_TASK.test(request) || ARITHMETIC.test(view.text);
  const isClosed = GIVEN_CONTEXT.test(request);
  const isShort = request.length < 10 * MOST_WORDS_OF_A_QUESTION && request.split(/\s+/).length <= MOST_WORDS_OF_A_QUESTION;
  const signals: Category[] = [];
  if (isCode) signals.push('code_writing');
  if (isMath) signals.push('math_solving');
  if (isClosed) signals.push('closed_qa');
  if (constraints >= FEWEST_CONSTRAINTS) signals.push('complex_instruction_following');
  if (LOGIC.test(request)) signals.push('reasoning');
  // Most questions of the other kinds are questions too.
  if (signals.length === 0 && isShort && QUESTION.test(request)) signals.push('open_qa');
  return { category: signals[0] ?? 'generic', signals };
}
