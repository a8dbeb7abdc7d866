import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import { measureOfTextualLexicalDiversity, typeTokenRatio } from '../lexical-diversity.ts';
import type { QualityRule } from '../rule.ts';

/**
 * Section 4.1, check 5: rejects a type-token ratio below `minTtr` (0.30) over the words of all
 * turns; long conversations have lower ratios by nature. MTLD, with a factor of 0.72, depends less
 * on length and rejects only where `minMtld` is set.
 */
export const lexicalDiversity: QualityRule<QualityRuleSettings['lexical_diversity']> = (view, { minTtr, mtldFactor, minMtld }) => {
  const ttr = typeTokenRatio(view.numberedWords);
  const mtld = measureOfTextualLexicalDiversity(view.numberedWords, mtldFactor);
  return { tags: { lexical_richness: { ttr_score: ttr, mtld_score: mtld } }, reject: reason() };

  function reason(): string | null {
    if (ttr !== null && ttr < minTtr) return `its type-token ratio is ${ttr.toFixed(3)}, below ${minTtr}`;
    return mtld !== null && minMtld !== null && mtld < minMtld ? `its MTLD is ${mtld.toFixed(1)}, below ${minMtld}` : null;
  }
};
