import type { QualityRulesPlan } from '../../pipeline/quality-rules.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';

/** To a thread: conversations that are assessed by the same rules. */
export interface QualityRequest {
  rules: QualityRulesPlan;
  conversations: ViewedMessage[][];
}

/** `assessments` is a list of `Assessment` as JSON: text crosses between threads in a fraction of the time. */
export type QualityAnswer = { assessments: string } | { error: string };
