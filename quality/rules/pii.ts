import type { PiiKind, QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import { findPii } from '../find-pii.ts';
import type { QualityRule } from '../rule.ts';

/**
 * Beyond the paper: e-mail addresses, phone numbers, public IP addresses, card numbers, IBANs and
 * keys, counted by kind. What is found is never repeated in tags or reasons. Rejects only with `reject`.
 */
export const pii: QualityRule<QualityRuleSettings['pii']> = (view, { kinds, reject }) => {
  const counts: Partial<Record<PiiKind, number>> = {};
  let total = 0;
  for (const { text } of view.messages) {
    for (const { kind } of findPii(text, kinds)) {
      counts[kind] = (counts[kind] ?? 0) + 1;
      total += 1;
    }
  }
  return { tags: { pii: { total, ...counts } }, reject: reject && total > 0 ? `it has personal data: ${Object.keys(counts).join(', ')}` : null };
};
