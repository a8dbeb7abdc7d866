import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import type { QualityRule } from '../rule.ts';

/**
 * Section 4.1, check 4: turns, their average length in characters, the share of each role among
 * them, and how often code, formulas and citations occur. Rejects nothing.
 */
export const metadataTagging: QualityRule<QualityRuleSettings['metadata_tagging']> = (view) => {
  const { turns, markUp } = view;
  const characters = turns.reduce((sum, { text }) => sum + text.length, 0);
  const share = (role: string): number => (turns.length === 0 ? 0 : turns.filter((turn) => turn.role === role).length / turns.length);
  return {
    tags: {
      conversation_stats: {
        turn_count: turns.length,
        avg_turn_length: turns.length === 0 ? 0 : characters / turns.length,
        role_distribution: { user: share('user'), assistant: share('assistant') },
        special_tokens: { code_blocks: markUp.codeBlocks, math_symbols: markUp.formulas + markUp.mathSymbols, citations: markUp.citations },
      },
    },
    reject: null,
  };
};
