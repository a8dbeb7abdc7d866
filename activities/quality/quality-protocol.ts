import type { QualityRuleName, QualityRulesPlan } from '../../pipeline/quality-rules.ts';
import type { Assessment } from '../../quality/assess-conversation.ts';
import type { ContaminationIndex } from '../../quality/contamination-index.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';

/** What a thread starts with: the cells of its `ThreadProgress`. */
export interface QualityThreadData {
  progress: Int32Array<SharedArrayBuffer>;
}

/** To a thread: conversations that are assessed by the same rules. */
export interface QualityRequest {
  rules: QualityRulesPlan;
  /** The language of each is wanted, whatever the rules. */
  tellLanguage: boolean;
  /** Shared with all threads; null where no rule looks at benchmarks. */
  contamination: ContaminationIndex | null;
  /** null: tokens are counted by an encoding of OpenAI's, messages alone. */
  chat: ChatFiles | null;
  conversations: ViewedMessage[][];
}

/** What conversations are counted with as a model reads them. */
export interface ChatFiles {
  /** With tokenizer.json, and the chat template if there is one. null: an encoding of OpenAI's counts. */
  folder: string | null;
  /** Another chat template. */
  templateFile: string | null;
}

/** `language` as `language_tagging` tells it; null where it was not asked for. */
export type AssessedConversation = Assessment & { language: string | null };

/** A rule that broke on a conversation, or came to no end with it: a fault of the rule, which says nothing about the conversation. */
export interface RuleFault {
  rule: QualityRuleName;
  problem: string;
}

export function isRuleFault(outcome: AssessedConversation | RuleFault): outcome is RuleFault {
  return 'problem' in outcome;
}

/** `assessments` is a list of `AssessedConversation` and `RuleFault` as JSON: text crosses between threads in a fraction of the time. */
export type QualityAnswer = { assessments: string } | { error: string };
