import type { Category } from './categories.ts';

/** What in a request speaks for a category, and how much: 1 a hint, 2 a sign, 4 as good as sure. */
export interface Evidence {
  points: 1 | 2 | 4;
  pattern: RegExp;
}

const SOURCE =
  '(?:texts?|passages?|articles?|paragraphs?|documents?|contexts?|excerpts?|transcripts?|e-?mails?|reports?|letters?|minutes|polic(?:y|ies)|quotes?|statements?|reviews?|notes|abstracts?|contracts?|manuals?|descriptions?|information|snippets?|press releases?|menu|schedule|timetable|table|dialogue|conversation|chapter|memo|recipe|(?:product |fact |data ?)?sheets?|brochures?|leaflets?|listings?|adverts?|ads?|posts?|comments?|facts|extracts?|messages?|entr(?:y|ies)|biograph(?:y|ies)|summary|notices?|stor(?:y|ies)|poems?|announcements?|itinerary|terms|clauses?|lease|log)';

/** Bounded patterns, for English. In other languages hardly anything is found. */
export const CATEGORY_EVIDENCE: Readonly<Record<Exclude<Category, 'complex_instruction_following'>, readonly Evidence[]>> = {
  code_writing: [
    {
      points: 4,
      pattern:
        /\b(?:write|implement|create|build|fix|debug|refactor|optimi[sz]e|explain|complete|convert|review|port|need|give|code|develop|translate|rewrite|show)\b[^.?!]{0,80}\b(?:function|script|code|(?:sql )?query|regex|regular expression|unit tests?|algorithm|component|endpoint|stored procedure|dockerfile|bug|decorator|loop|binary search|class|web ?page|makefile)\b/i,
    },
    { points: 2, pattern: /\b(?:python|javascript|typescript|java|rust|golang|sql|bash|html|css|react|node\.js|kotlin|php|numpy|pandas|django|swift|ruby|haskell|matlab|powershell|git)\b|\bc(?:\+\+|#)/i },
    { points: 2, pattern: /\b(?:[A-Z]\w{2,30}(?:Exception|Error)|stack ?trace|segmentation fault|compil(?:e|er|es|ation)|time complexity|type hints?|docstrings?|linked list|hash ?map|recursi(?:on|ve|vely)|unit tests?|(?:pull|merge) requests?|github|gitlab|kubernetes|docker|npm|pip install|mutex|goroutine|null pointer|refactor|debug|regex|pseudocode|(?:rest |web )?api|race condition|dependency injection)\b/i },
    { points: 2, pattern: /^\s{0,40}(?:def \w+\s?\(|function \w{0,60}\s?\(|class \w+\s?[:({]|(?:const|let|var) \w+\s?=|import [\w{*]|from \w+ import |[A-Za-z_]\w+ = [[{("'\w]|#include|public (?:static|class)|for\s?\(|if\s?\(|(?:if|while|elif|for) [^.\n]{1,80}:$|while\s?\(|return\b.{0,80};|select\b.{1,200}\bfrom\b|<\/?\w{1,40}[^>]{0,80}>|\w{1,60}\(.{0,60}\);)/im },
    { points: 4, pattern: /\bSELECT\b.{1,200}\bFROM\b|\[\w+(?: [-+*/%] \w+)? for \w+ in \w+|=>|\w\.\w{2,30}\(|===?|!=|&&|\+\+|\b[a-z]{1,40}_[a-z_]{1,60}\(/ },
    { points: 1, pattern: /\b\w{2,40}\(\)|\b(?:arrays?|program|method|variable|string|server|database|loop|backend|frontend|library|framework|code)\b/i },
  ],
  math_solving: [
    { points: 4, pattern: /\b[fgh]\([a-z0-9]\)|\b[a-z](?:\^|\*\*)\(?[0-9a-z]|\d ?(?:times|plus|minus|divided by|mod) ?\d/i },
    { points: 4, pattern: /\\(?:frac|int|sum|sqrt|lim|cdot|begin\{(?:equation|align|[bp]?matrix))|\$\$/ },
    {
      points: 4,
      pattern:
        /\b(?:solve|simplify|factor(?:i[sz]e)?|differentiate|integrate|compute|calculate|evaluate|derivative of|integral of|prove that|expand|convert|round|find)\b[^?]{0,120}?(?:[0-9=^²³]|square root|prime|even|odd|irrational)|\d ?(?:%|percent) of \d/i,
    },
    {
      points: 4,
      pattern:
        /\b(?:greatest common divisor|least common multiple|derivative|integral|equation|polynomial|quadratic|perimeter|hypotenuse|circumference|radius|square root|factorial|prime (?:numbers?|factors?)|remainder|logarithm|determinant|eigenvalues?|standard deviation|probability|permutations?|combinations|lowest terms|interest rate|compound interest|arithmetic (?:mean|sequence|series)|geometric (?:sequence|series)|irrational)\b/i,
    },
    { points: 2, pattern: /\b(?:theorem|triangle|matrix|algebra|geometry|fractions?|decimals?|percent(?:age)?|discount|average|rectangle|dice|chance (?:that|of)|ratio|sum|product|divided by|prime|limit of|median|mean of|\d+ times \d+|litres?|compounded|infinity|marbles|multiplied by|square (?:metres?|meters?|feet)|km\/h|mph)\b|\d\s?%/i },
    { points: 2, pattern: /\d\s?[+*/×÷^=]\s?\d|\b(?:twice|half|thrice|\w+ times) (?:as|its|her|his|the)\b|\bhow many ways\b/i },
  ],
  closed_qa: [
    {
      points: 4,
      pattern: new RegExp(
        `\\b(?:according to|based (?:only |solely )?on|using|from|in|of|read|summari[sz]e|shorten|translate|rephrase|use|see|consider|given|about|does|do|is|are|what) (?:only )?(?:the|this|these|that|my|our) (?:following |above |given |provided |attached |short |meeting )*${SOURCE}\\b|\\b${SOURCE} (?:below|above|provided|given)\\b|\\b(?:the )?following ${SOURCE}\\b`,
        'i',
      ),
    },
    { points: 4, pattern: new RegExp(`^[ \\t#*]{0,9}${SOURCE}[*]{0,2}\\s?:|^[ \\t#*]{0,9}(?:context|passage|text|document|article|background)[*]{0,2}[ \\t]*\\n`, 'im') },
    { points: 2, pattern: /\bhere(?:'s| is| are) (?:the|our|my|a|an|some|what)\b[^\n:]{0,60}:|\b(?:only the (?:information|facts|details)|nothing but the)\b|\b(?:this|the) (?:quote|author|speaker|narrator|writer|text|passage|review)\b/i },
    { points: 2, pattern: /\b(?:extract|summari[sz]e|list|find|identify)\b[^.?!\n]{0,60}\b(?:mentioned|from|in|this|these|following|stated|named)\b[^.?!\n]{0,40}:\s/i },
    { points: 2, pattern: /["“][^"”]{40,2000}["”]|^(?:q|question)\s?:/im },
  ],
  reasoning: [
    {
      points: 4,
      pattern:
        /\b(?:logic(?:al)? puzzle|riddle|syllogism|premises?|deduce|truth-?teller|knaves?|(?:does|must) it (?:logically |necessarily )?follow|what follows|should (?:we|i|one) conclude|can (?:we|you|be|it) (?:be )?(?:conclude|infer)d?|(?:must|can|could) be (?:true|false)|odd one out|what comes next|(?:is|are) (?:this|the following|that|the) (?:argument|reasoning|conclusion|inference) (?:valid|sound|correct)|does (?:that|this|it) (?:prove|mean|imply)|therefore|who owns|switches?|fallac(?:y|ies|ious)|(?:flaw|wrong|error) (?:is there |is )?(?:in|with) (?:this|the|that|his|her) (?:argument|reasoning|logic|inference)|counter-?example|(?:tells?|telling|told) the truth|(?:is|are|was) lying|always lies?|cross(?:es)? (?:a|the) river|who is (?:the )?(?:\w+est|guilty|lying)|which (?:label|switch|door|box|house)|what is [^.?]{1,40} to\b|(?:is|are) to [^.?]{1,60} (?:as|like) [^.?]{1,60} (?:is|are) to|in (?:what|which) order|(?:how|what) (?:can|could|do|does|should|must) (?:you|he|she|they|it) (?:\w+ ){0,3}(?:measure|find out|tell which|get across|divide|weigh|cross)|immediately (?:to the )?(?:left|right)|sit(?:s|ting)? (?:next to|opposite|between)|who (?:is|was) (?:in|he|she|it)|next in (?:the|this) (?:sequence|series|pattern))\b|\ball (?:\w+ ){1,6}are\b[^?]{1,200}\bis (?:it|he|she|this|that)\b/i,
    },
    { points: 2, pattern: /\b(?:every|all|no|some|none of the|each of the|only) (?:[\w']+ ){1,8}(?:is|are|does|do|can|drinks?|has|have|likes?|must|who|that|\w+s)\b[^?]{10,300}\?/i },
    { points: 2, pattern: /\b(?:\w+er|more \w+|less \w+|older|left|right|before|after|next to|ahead of|north|south|east|west) (?:than|of) [A-Z]\w+\b[^?]{1,300}\b(?:than|of|who|which)\b[^?]{0,100}\?/ },
    { points: 2, pattern: /\bif\b.{3,120}(?:\.|,| then\b).{3,200}\?|\bthink (?:carefully|it through)\b|what else could explain|\bcould \w+ have\b|\b(?:whoever|everyone who|only those|unless)\b|\b(?:weigh|argue (?:for|against)|pros and cons|trade-?offs?|justify (?:your|the|it)|explain your (?:reasoning|choice|answer)|reason(?:ing)? (?:through|about|step)|step by step|what (?:would|should) (?:they|he|she|we) do|infer|conclude|assumptions?|hypothes[ie]s|most likely (?:explanation|reason|cause)|is it (?:certain|possible|necessarily)|is (?:this|that|the) argument (?:valid|sound))\b/i },
  ],
  open_qa: [
    { points: 2, pattern: /^\W*(?:in |at |on |by |to |from |for |of |since )?(?:who|whom|whose|what|when|where|which|why|how|is|are|was(?= (?:an?|the|there|it|he|she|this|that|any|[a-z]+ (?:an?|the|born|ever|really))\b)|were|does|did|do|has|have|can|could|will)\b[^?]*\?/i },
    { points: 2, pattern: /^\W*(?:(?:can|could|would|will) you )?(?:please )?(?:explain|describe|define|name|tell me (?:about|what|who|when|where|why|how|whether)|give (?:me )?(?:(?:an?|the) (?:\w+ )?(?:overview|summary|explanation|definition|history|description|timeline|example)) of|outline|compare|list)\b/i },
  ],
  generic: [
    { points: 4, pattern: /^\W*(?:hi|hello|hey|thanks|thank you|good (?:morning|evening|night|afternoon)|how are you|bye|goodbye|nice to)\b.{0,80}$/is },
    { points: 2, pattern: /\b(?:write|tell|compose|make up|create)\b.{0,30}\b(?:story|poem|song|tale|joke|caption|toast|slogan|letter|message|limerick|speech|wish)\b|\b(?:recommend|suggest|any (?:tips|ideas|advice)|let's|advice|help me (?:think|choose|decide|find|with|plan)|brainstorm|ideas for|what should i|cheer me up|pretend)\b/i },
    { points: 2, pattern: /\b(?:i (?:feel|love|like|hate|am|was|had|just|want|can't|have|think|wish)|i'm|i've|do you (?:like|think|have|want|ever|enjoy)|are you|your (?:favou?rite|opinion|day|name)|my (?:mother|father|friend|boss|cat|dog|boyfriend|girlfriend|wife|husband|partner|sister|brother|son|daughter|life|week(?:end)?|day))\b/i },
  ],
};
