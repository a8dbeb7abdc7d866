import { SyngraphError, type SyngraphErrorCode } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import type { QualityNodePlan } from '../../pipeline/plan.ts';
import type { Assessment } from '../../quality/assess-conversation.ts';
import { applyModelRules } from '../../quality/model-rules/apply-model-rules.ts';
import { viewMessages } from '../../quality/view-messages.ts';
import { contaminationKey, loadContaminationIndex } from '../quality/contamination-store.ts';
import { findChatFiles } from '../quality/find-chat-files.ts';
import { maskState } from '../quality/mask-state.ts';
import { QualityPool } from '../quality/quality-pool.ts';
import { isRuleFault, type RuleFault } from '../quality/quality-protocol.ts';
import { readStateConversation, type StateConversation } from '../quality/read-state-conversation.ts';
import { scoreConversations } from '../quality/score-conversations.ts';
import { failedOutcome, type NodeOutcome, type NodeWork, type WorkRecord } from './node-work.ts';

/** One for the process, as its threads are one per core; idle ones end by themselves and keep no process alive. */
let shared: QualityPool | null = null;

interface JudgedRecord extends StateConversation {
  record: WorkRecord;
  assessment: Assessment;
}

/**
 * Applies the rules to each record's conversation, in threads, and then those that need a model to what is left; what
 * they find goes into the state, as section 4.3 of the paper lays it out.
 * @param pool default: that of the process
 */
export async function runQuality(node: QualityNodePlan, work: NodeWork, pool = (shared ??= new QualityPool())): Promise<NodeOutcome[]> {
  const { rules, modelRules = {} } = node;
  const read = work.records.map((record) => readRecord(node, work, record));
  const found = read.flatMap((item, index) => ('conversation' in item ? [{ ...item, record: work.records[index]!, messages: viewMessages(item.conversation) }] : []));
  const contamination = rules.contamination === undefined ? null : await loadContaminationIndex(work.dependencies.store, contaminationKey(work.run.folder, work.name));
  const chat = await findChatFiles(work, rules);
  const assessments = await pool.assess(found.map(({ messages }) => messages), { rules, tellLanguage: Object.keys(modelRules).length > 0, contamination, chat });
  const assessed = found.flatMap((item, index) => {
    const assessment = assessments[index]!;
    return isRuleFault(assessment) ? [] : [{ ...item, assessment }];
  });
  const scored = await scoreConversations(work, modelRules, assessed);
  const judged = assessed.map((item, index): NodeOutcome => {
    const { findings, failure, due } = scored[index]!;
    if (failure === null && due > 0) return { kind: 'unfinished' };
    return failure === null ? outcomeOf(node, work, { ...item, assessment: applyModelRules(item.assessment, findings, modelRules) }) : failedOutcome(work, failure);
  });
  const outcomes = found.map(({ record }, index): NodeOutcome => {
    const assessment = assessments[index]!;
    return isRuleFault(assessment) ? failedOutcome(work, ruleFailure(record, assessment)) : judged.shift()!;
  });
  return read.map((item) => ('conversation' in item ? outcomes.shift()! : item));
}

function ruleFailure({ source }: WorkRecord, { rule, problem }: RuleFault): { code: SyngraphErrorCode; message: string } {
  return { code: 'QUALITY_RULE_FAILED', message: `the rule ${rule} failed on the record ${source.id}: ${problem}` };
}

function readRecord(node: QualityNodePlan, work: NodeWork, { state }: WorkRecord): StateConversation | NodeOutcome {
  try {
    return readStateConversation(state, node.messages);
  } catch (error) {
    if (error instanceof SyngraphError && error.code === 'CONVERSATION_INVALID') {
      return failedOutcome(work, { code: error.code, message: error.message });
    }
    throw error;
  }
}

function outcomeOf(node: QualityNodePlan, work: NodeWork, { record, keys, assessment }: JudgedRecord): NodeOutcome {
  const { state } = record;
  const { rejections, tags } = assessment;
  if (rejections.length > 0 && node.mode === 'filter') return { kind: 'filtered' };
  if (rejections.length > 0 && node.mode === 'fail') {
    return failedOutcome(work, { code: 'QUALITY_REJECTED', message: rejections.map(({ rule, reason }) => `${rule}: ${reason}`).join('; ') });
  }
  const { pii } = node.rules;
  const hasPii = isJsonObject(tags.pii) && tags.pii.total !== 0;
  const masked = pii?.action === 'mask' && hasPii ? maskState(state, keys, pii.kinds) : {};
  const before = objectAt(masked, node.into) ?? objectAt(state, node.into) ?? {};
  const characteristics = objectAt(before, 'quality_characteristics') ?? {};
  const into = { ...before, quality_characteristics: { ...characteristics, heuristic_based: { ...objectAt(characteristics, 'heuristic_based'), ...tags } } };
  return { kind: 'changed', change: { set: { ...masked, [node.into]: into } } };
}

function objectAt(holder: JsonObject, key: string): JsonObject | undefined {
  const value = holder[key];
  return isJsonObject(value) ? value : undefined;
}
