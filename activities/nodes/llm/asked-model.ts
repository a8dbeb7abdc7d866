import type { JsonObject } from '../../../pipeline/json.ts';
import type { AskedModelPlan, AskingNodePlanBase, ModelPlan } from '../../../pipeline/plan.ts';
import type { ModelAnswer, ModelRequest } from '../../models/model-client.ts';
import type { RecordFailure } from '../node-result.ts';
import type { NodeWork, WorkRecord } from '../node-work.ts';
import type { CallJournal } from './call-journal.ts';
import type { Patience } from './patience.ts';

export interface AskModel {
  /** Its `signal` keeps new calls from starting. */
  work: NodeWork;
  model: ModelPlan;
  /** What happens to the answer; the parameters are those of `request`. */
  asked: Pick<AskedModelPlan, 'structuredOutput' | 'answerProcess' | 'fallbacks'>;
  policies: Pick<AskingNodePlanBase, 'onTruncation' | 'onEmpty'>;
  journal: CallJournal;
  record: WorkRecord;
  request: ModelRequest;
  /** Tells models of one node apart that are asked the same. Default: the node asks one model. */
  label?: string;
  /** Turn of an agent's loop. Default 0. */
  step?: number;
  /** Which of several answers to the same request. Default 0. */
  sample?: number;
  /** Gives up calls in flight, some time after `work.signal` has kept new ones from starting. */
  flightSignal: AbortSignal;
  /** Whether an earlier run's answer is worth having; default: every answer that is kept. */
  isUsable?: (answered: Omit<AnsweredModel, 'attempts'>) => boolean;
  /** Answers that one call for several samples has brought, journaled already, by their keys. */
  prefetched?: ReadonlyMap<string, ModelAnswer>;
  /** Where another model would answer as well. Default: there is none, and the model is waited for. */
  patience?: Patience;
}

export interface AnsweredModel {
  /** After the model's `post_process`; thinking that was taken out of it is its `reasoning`. */
  answer: ModelAnswer;
  /** The answer's value where a structured output is asked for: whole and valid. null also for a turn of tool calls. */
  structured: JsonObject | null;
  /** Attempts that the last call took, failed ones included; 0 where the journal had the answer. */
  attempts: number;
}

export type AskModelResult = AnsweredModel | { failure: RecordFailure };
