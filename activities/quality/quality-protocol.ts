import type { QualityRulesPlan } from '../../pipeline/quality-rules.ts';
import type { Assessment } from '../../quality/assess-conversation.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';

/** To a thread: conversations that are assessed by the same rules. */
export interface QualityRequest {
  rules: QualityRulesPlan;
  conversations: ViewedMessage[][];
}

export type QualityAnswer = { assessments: Assessment[] } | { error: string };
