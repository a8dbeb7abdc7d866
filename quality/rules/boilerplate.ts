import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import type { QualityRule } from '../rule.ts';

const SELF_MENTION =
  /\b(?:as|i am|i['’]m|being) (?:just |only |merely )?an? (?:ai|artificial intelligence|large language model|language model|ai language model|virtual assistant|chatbot)\b|\bmy (?:knowledge cut-?off|training data|last (?:knowledge )?update)\b|\bi (?:do not|don['’]t) have (?:personal (?:opinions|experiences|beliefs|feelings)|access to real-?time)\b/gi;
const REFUSAL =
  /^(?:[^.!?\n]{0,80}[.!?,] ?)?(?:i['’]?m|i am|we are|we['’]re)?\s?(?:so |very |really )?(?:sorry|afraid|unable|not able|(?:i |we )?apologi[sz]e|my apologies)\b[^.!?\n]{0,60}\b(?:can(?:no|['’])t|cannot|can not|unable|not able|won['’]t|will not|(?:assist|help|comply|fulfil?l|provide|answer|create|generate))\b|^(?:[^.!?\n]{0,40}[.!?,] ?)?i (?:can(?:no|['’])t|cannot|can not|won['’]t|will not|must decline|am unable|am not able)\b[^.!?\n]{0,40}\b(?:assist|help|comply|fulfil?l|provide|answer|create|generate|support|engage|discuss|continue|do that|with that|to)\b/i;
/** A refusal stands at the beginning of an answer. */
const BEGINNING = 300;

/** Beyond the paper: answers that speak of themselves as an AI, or refuse. Rejects one or more of them unless `reject` is false. */
export const boilerplate: QualityRule<QualityRuleSettings['boilerplate']> = (view, { reject }) => {
  const answers = view.textsOf('assistant');
  const mentions = answers.reduce((sum, text) => sum + (text.match(SELF_MENTION)?.length ?? 0), 0);
  const refusals = answers.filter((text) => REFUSAL.test(text.trimStart().slice(0, BEGINNING))).length;
  const found = [mentions > 0 ? 'an answer speaks of itself as an AI' : '', refusals > 0 ? 'an answer is a refusal' : ''].filter((part) => part !== '');
  return { tags: { boilerplate: { self_mentions: mentions, refusals } }, reject: reject && found.length > 0 ? found.join(', and ') : null };
};
