import type { QualityRulesPlan } from '../../pipeline/quality-rules.ts';
import type { Assessment } from '../../quality/assess-conversation.ts';
import type { ContaminationIndex } from '../../quality/contamination-index.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';

/** To a thread: conversations that are assessed by the same rules. */
export interface QualityRequest {
  rules: QualityRulesPlan;
  /** The language of each is wanted, whatever the rules. */
  tellLanguage: boolean;
  /** Shared with all threads; null where no rule looks at benchmarks. */
  contamination: ContaminationIndex | null;
  conversations: ViewedMessage[][];
}

/** `language` as `language_tagging` tells it; null where it was not asked for. */
export type AssessedConversation = Assessment & { language: string | null };

/** `assessments` is a list of `AssessedConversation` as JSON: text crosses between threads in a fraction of the time. */
export type QualityAnswer = { assessments: string } | { error: string };
