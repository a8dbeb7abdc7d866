import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import type { QualityRule } from '../rule.ts';

/** Section 4.1, check 3: rejects fewer turns than `minTurns` (2, one exchange) or more than `maxTurns` (20). */
export const conversationLength: QualityRule<QualityRuleSettings['conversation_length']> = (view, { minTurns, maxTurns }) => {
  const turns = view.turns.length;
  const fits = turns >= minTurns && turns <= maxTurns;
  return {
    tags: { conversation_stats: { turn_count: turns } },
    reject: fits ? null : `${turns} ${turns === 1 ? 'turn' : 'turns'}; ${minTurns} to ${maxTurns} are allowed`,
  };
};
