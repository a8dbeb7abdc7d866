import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import { percent, type QualityRule } from '../rule.ts';

/** Fewer letters than ten say nothing about a language. */
const TEN_LETTERS = /(?:\p{L}\P{L}*){10}/u;
/** More text than this changes no verdict, and costs time. */
const MOST_CHARACTERS = 20_000;

/**
 * Section 4.1, check 2: rejects where the language of all turns together is none of `languages`, or
 * is told with less than `confidence` (0.90). Code and addresses are left out; a conversation that
 * has code is asked for `codeConfidence` alone, as names and terms of programs belong to no
 * language. Where too few letters are left nothing is rejected: the language is `code` or `und`.
 */
export const languageTagging: QualityRule<QualityRuleSettings['language_tagging']> = (view, settings, { identifyLanguage }) => {
  const { prose, codeBlocks, inlineCode } = view.markUp;
  const hasCode = codeBlocks + inlineCode > 0;
  const text = prose.slice(0, MOST_CHARACTERS);
  const found = TEN_LETTERS.test(text) ? identifyLanguage(text) : null;
  if (found === null) return { tags: { language: { detected: hasCode ? 'code' : 'und', confidence: null } }, reject: null };
  const { language, confidence } = found;
  const wanted = hasCode ? Math.min(settings.codeConfidence, settings.confidence) : settings.confidence;
  const tags = { language: { detected: language, confidence } };
  if (!settings.languages.includes(language)) return { tags, reject: `its language is ${language}, not ${settings.languages.join(' or ')}` };
  return { tags, reject: confidence < wanted ? `its language is ${language} with a confidence of ${percent(confidence)}, below ${percent(wanted)}` : null };
};
