const NUMBER = '(?:\\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred)';
const UNIT = '(?:words?|sentences?|lines?|paragraphs?|characters?|letters?|items?|bullets?|points?|stanzas?|syllables?|minutes long|reasons|examples|columns?|rows?|keys?|sections?|steps?)';

/** Kinds of demands on the form of an answer; several of them together make an instruction complex. */
export const CONSTRAINTS: readonly RegExp[] = [
  new RegExp(`\\b${NUMBER}[- ](?:\\w+[- ])?${UNIT}\\b`, 'i'),
  /\b(?:bullet(?:ed|s| points?)?|number(?:ed list| them)|as a table|markdown|(?:in|as|valid) (?:json|yaml|xml|csv)|haiku|sonnet|acrostic|limerick|with (?:the )?(?:columns|keys|headings)|alphabetical(?:ly)?|three-course)\b/i,
  /\b(?:do not|don't|never|without|avoid|must not|may not|not (?:use|mention|exceed))\b.{0,25}\b(?:use|using|mention|include|including|contain|exceed|commas?|the (?:words?|letters?))\b|\bno (?:exclamation marks?|commas?|adjectives|jargon|contractions|mention|emojis?|abbreviations|bullet points?|rhymes?)\b|\buse no\b|\bavoid \w+/i,
  /\b(?:include|mention|contain|use|using|with) .{0,20}\b(?:words?|phrases?|keywords?|sentence|emoji|metaphors?|hashtags?)\b|\b(?:must|has to|have to|make sure to|be sure to|should) (?:all )?(?:be|include|mention|contain|have|rhyme|start|end|fit|cost)\b|\b(?:include|mention) (?:the|that|a|an|at least|exactly|\w+)\b/i,
  /\bin (?:a|an|the) [\w-]+(?: [\w-]+)? (?:tone|style|voice)\b|\bin the style of\b|\bas if\b|\bfrom the (?:perspective|point of view)\b|\baddressed to\b|\b(?:formal|polite|friendly|neutral|humorous)\b|\bfor (?:a|an) [\w-]+ audience\b/i,
  /\b(?:begin|start|end|finish|close|open)(?:s|ning|ing)?\b.{0,30}\bwith\b/i,
  /\b(?:all caps|upper ?case|lower ?case|capital letters|(?:present|past|future) tense|(?:first|second|third) person)\b/i,
  new RegExp(`\\b(?:exactly|at (?:most|least)|no (?:more|fewer|less) than|fewer than|less than|under|up to|between|maximum(?: of)?|only|each) (?:\\w+ ){0,3}?${NUMBER}\\b|\\beach (?:starting|ending|beginning|sentence|line|paragraph|item)\\b|\\bkeep (?:each|every|it|them)\\b`, 'i'),
];
