import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import { detectLanguage } from '../detect-language.ts';
import { percent, type QualityRule } from '../rule.ts';

/**
 * Section 4.1, check 2: rejects where the language of all turns together is none of `languages`, or
 * is told with less than `confidence` (0.90). Code and addresses are left out; a conversation that
 * has code is asked for `codeConfidence` alone, as names and terms of programs belong to no
 * language. Where too few letters are left nothing is rejected: the language is `code` or `und`.
 */
export const languageTagging: QualityRule<QualityRuleSettings['language_tagging']> = (view, settings, { identifyLanguage }) => {
  const { language, confidence, hasCode } = detectLanguage(view, identifyLanguage);
  const tags = { language: { detected: language, confidence } };
  if (confidence === null) return { tags, reject: null };
  const wanted = hasCode ? Math.min(settings.codeConfidence, settings.confidence) : settings.confidence;
  if (!settings.languages.includes(language)) return { tags, reject: `its language is ${language}, not ${settings.languages.join(' or ')}` };
  return { tags, reject: confidence < wanted ? `its language is ${language} with a confidence of ${percent(confidence)}, below ${percent(wanted)}` : null };
};
