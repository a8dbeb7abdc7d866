import { isJsonObject, type JsonObject } from '../pipeline/json.ts';
import type { ModelRuleName } from '../pipeline/model-rules.ts';
import type { QualityRuleName, QualityRuleSettings, QualityRulesPlan } from '../pipeline/quality-rules.ts';
import { QUALITY_RULE_NAMES } from '../pipeline/quality-rules.ts';
import { ConversationView, type ViewedMessage } from './conversation-view.ts';
import type { QualityRule, RuleResources } from './rule.ts';
import { boilerplate } from './rules/boilerplate.ts';
import { completeness } from './rules/completeness.ts';
import { contamination } from './rules/contamination.ts';
import { conversationLength } from './rules/conversation-length.ts';
import { conversationPretokenization } from './rules/conversation-pretokenization.ts';
import { dataCharacteristics } from './rules/data-characteristics.ts';
import { languageTagging } from './rules/language-tagging.ts';
import { lexicalDiversity } from './rules/lexical-diversity.ts';
import { metadataTagging } from './rules/metadata-tagging.ts';
import { pii } from './rules/pii.ts';
import { repetition } from './rules/repetition.ts';
import { toxicity } from './rules/toxicity.ts';

const RULES: { [Name in QualityRuleName]: QualityRule<QualityRuleSettings[Name]> } = {
  conversation_pretokenization: conversationPretokenization,
  language_tagging: languageTagging,
  conversation_length: conversationLength,
  metadata_tagging: metadataTagging,
  lexical_diversity: lexicalDiversity,
  data_characteristics: dataCharacteristics,
  repetition,
  boilerplate,
  pii,
  completeness,
  toxicity,
  contamination,
};

/** One rule's verdict against a conversation. */
export interface Rejection {
  rule: QualityRuleName | ModelRuleName;
  reason: string;
}

export interface Assessment {
  /** `heuristic_based` of section 4.3, with the further rules' tags beside the paper's. */
  tags: JsonObject;
  /** Empty: the conversation passes. */
  rejections: Rejection[];
}

/**
 * Applies all rules that are on; those that reject do not keep the others from tagging.
 * @param onRule told before each rule
 */
export function assessConversation(messages: readonly ViewedMessage[], rules: QualityRulesPlan, resources: RuleResources, onRule: (rule: QualityRuleName) => void = () => undefined): Assessment {
  const view = new ConversationView(messages);
  const tags: JsonObject = {};
  const rejections: Rejection[] = [];
  for (const name of QUALITY_RULE_NAMES) {
    const settings = rules[name];
    if (settings === undefined) continue;
    onRule(name);
    // The table pairs each name with the settings of its own rule, which a union of names hides.
    const outcome = (RULES[name] as QualityRule<typeof settings>)(view, settings, resources);
    for (const [key, value] of Object.entries(outcome.tags)) {
      const before = tags[key];
      tags[key] = isJsonObject(before) && isJsonObject(value) ? { ...before, ...value } : value;
    }
    if (outcome.reject !== null) rejections.push({ rule: name, reason: outcome.reject });
  }
  return { tags: { ...tags, passed: rejections.length === 0, rejections: rejections.map(({ rule, reason }) => ({ rule, reason })) }, rejections };
}
