import type { JsonObject } from '../../../pipeline/json.ts';
import type { AnswerPolicy, AskingNodePlanBase } from '../../../pipeline/plan.ts';
import type { ModelAnswer } from '../../models/model-client.ts';
import type { AskModel } from './asked-model.ts';
import { processAnswer } from './process-answer.ts';
import { faultMessage, faultOf, type AnswerFault } from './read-answer.ts';
import type { Structure } from './structured/structure-of.ts';

interface Failure {
  code: string;
  message: string;
}

export type Examined =
  | { verdict: 'keep'; answer: ModelAnswer; structured: JsonObject | null; fault: AnswerFault | null }
  /** It does not fit the structured output; `answer` is what goes back with the fault. */
  | { verdict: 'mend'; answer: ModelAnswer; failure: Failure; fault: AnswerFault | null }
  /** `again`: the policy says that it is asked once more. */
  | { verdict: 'again' | 'fail'; failure: Failure; fault: AnswerFault | null };

export interface ExamineAnswer extends Pick<AskModel, 'work' | 'asked' | 'policies'> {
  /** As the model has given it. */
  raw: ModelAnswer;
  structure: Structure | null;
}

/** What becomes of an answer that arrived whole. At once where neither user code nor a schema has a say: it is asked for each record. */
export function examineAnswer(options: ExamineAnswer): Examined | Promise<Examined> {
  const { asked, policies, raw, structure } = options;
  return asked.answerProcess === null && structure === null ? examinePlain(policies, raw) : examineFurther(options);
}

function examinePlain(policies: ExamineAnswer['policies'], answer: ModelAnswer): Exclude<Examined, { verdict: 'mend' }> {
  const fault = faultOf(answer);
  const policy = policyFor(policies, fault);
  if (fault === null || policy === 'keep') return { verdict: 'keep', answer, structured: null, fault };
  return { verdict: policy === 'retry' ? 'again' : 'fail', failure: { code: fault, message: faultMessage(fault, answer) }, fault };
}

async function examineFurther({ work, asked, policies, raw, structure }: ExamineAnswer): Promise<Examined> {
  const processed = await processAnswer(work, asked.answerProcess, raw);
  if (!processed.ok) return { verdict: 'fail', failure: processed, fault: null };
  const { answer } = processed;
  const plain = examinePlain(policies, answer);
  const callsTools = (answer.message.tool_calls ?? []).length > 0;
  if (plain.verdict !== 'keep' || structure === null || callsTools) return plain;
  const { fault } = plain;
  const read = await structure.read(answer);
  if (read.ok) return { verdict: 'keep', answer: read.answer, structured: read.value, fault };
  const failure = { code: read.code, message: read.message };
  return read.code === 'ANSWER_INVALID' ? { verdict: 'mend', answer, failure, fault } : { verdict: 'fail', failure, fault };
}

function policyFor(policies: Pick<AskingNodePlanBase, 'onTruncation' | 'onEmpty'>, fault: AnswerFault | null): AnswerPolicy {
  if (fault === null) return 'keep';
  return fault === 'ANSWER_TRUNCATED' ? policies.onTruncation : policies.onEmpty;
}
