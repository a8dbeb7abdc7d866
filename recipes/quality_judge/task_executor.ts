import { judgeAgreement, type AgreementReport } from './agreement.ts';
import { categoryNamed, tellCategory, type Category } from 'syngraph/quality';
import type { Judgement } from './dimensions.ts';
import { guidelinesFor } from './guidelines.ts';
import { judgedConversation, requestText, textOf, transcriptText } from './judged-conversation.ts';
import { sygraMetadata } from './sygra-metadata.ts';
import { withQuality, type InstructionAnswer, type QualityResult } from './quality-metadata.ts';

interface State {
  category?: unknown;
  metadata?: unknown;
  data_quality_metadata?: unknown;
  judge_category?: Category | null;
  judge_category_by?: string;
  /** Answers of the judges and about the instruction, as JSON text that fits its schema. */
  judgement?: string;
  second_judgement?: string;
  judge_instruction?: string;
  [key: string]: unknown;
}

/**
 * The category that the record names in `category`, else what rules are sure of, which are those of
 * a `quality` node; null where a model must be asked.
 */
export function findCategory(_config: unknown, state: State): object {
  const named = categoryNamed(state.category);
  if (named !== null) return { judge_category: named, judge_category_by: 'record' };
  const { earlier, request, answer } = judgedConversation(state);
  const { category, isSure } = tellCategory({ earlier: earlier.map(({ content }) => textOf(content)).join('\n'), request, answer });
  return { judge_category: isSure ? category : null, judge_category_by: isSure ? 'rules' : 'model' };
}

export function isCategoryKnown(state: State): 'known' | 'ambiguous' {
  return categoryNamed(state.judge_category) === null ? 'ambiguous' : 'known';
}

/** What prompts see; it is not kept in the state, which would hold every conversation three times. */
export function showConversation(state: State): State {
  const judged = judgedConversation(state);
  return {
    ...state,
    judge_request: requestText(judged),
    judge_transcript: transcriptText(judged),
    judge_guidelines: guidelinesFor(categoryNamed(state.judge_category) ?? 'generic'),
  };
}

interface WriteConfig {
  params?: { sygra_metadata?: unknown };
}

export function writeQuality({ params = {} }: WriteConfig, state: State): object {
  if (state.judgement === undefined) throw new Error('there is no judgement: the node judge must not be idle');
  const result: QualityResult = {
    category: categoryNamed(state.judge_category) ?? 'generic',
    categoryBy: state.judge_category_by ?? 'model',
    judgement: JSON.parse(state.judgement) as Judgement,
    second: state.second_judgement === undefined ? null : (JSON.parse(state.second_judgement) as Judgement),
    instruction: state.judge_instruction === undefined ? null : (JSON.parse(state.judge_instruction) as InstructionAnswer),
  };
  const metadata = withQuality(state.metadata, result);
  return { metadata, ...(params.sygra_metadata === true ? { data_quality_metadata: sygraMetadata(state.data_quality_metadata, metadata) } : {}) };
}

/** Lambda: what a `quality` node and judges have written, in SyGra's layout as well. */
export function addSygraMetadata(_config: unknown, { metadata, data_quality_metadata: known }: State): object {
  return { data_quality_metadata: sygraMetadata(known, metadata) };
}

/** For `graph_post_process`: how far two judges agree over the whole output. */
export class JudgeAgreement {
  process(rows: readonly unknown[]): AgreementReport {
    return judgeAgreement(rows);
  }
}

/** Condition behind a `quality` node that tags into `metadata`: what its rules reject need not be judged. */
export function hasPassedRules(state: State): 'passed' | 'rejected' {
  const metadata = state.metadata as { quality_characteristics?: { heuristic_based?: { passed?: boolean } } } | null | undefined;
  return metadata?.quality_characteristics?.heuristic_based?.passed === true ? 'passed' : 'rejected';
}
