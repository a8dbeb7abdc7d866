import { isJsonObject, type JsonObject } from '../../../pipeline/json.ts';
import type { LlmNodePlan } from '../../../pipeline/plan.ts';
import type { ModelAnswer } from '../../models/model-client.ts';
import type { StateChange } from '../node-result.ts';

/** What is wrong with an answer that arrived whole, if anything. */
export type AnswerFault = 'ANSWER_TRUNCATED' | 'ANSWER_EMPTY' | 'ANSWER_REFUSED';

export function answerText(answer: ModelAnswer): string {
  const { content } = answer.message;
  return typeof content === 'string' ? content : JSON.stringify(content);
}

export function faultOf(answer: ModelAnswer): AnswerFault | null {
  if (answer.refusal !== null || answer.finishReason === 'content_filter') return 'ANSWER_REFUSED';
  if (answer.finishReason === 'length') return 'ANSWER_TRUNCATED';
  const calls = answer.message.tool_calls ?? [];
  return answerText(answer).trim() === '' && calls.length === 0 ? 'ANSWER_EMPTY' : null;
}

export type AnswerChange = { ok: true; change: StateChange } | { ok: false; message: string };

/**
 * Where an answer goes when no post-processor says so: `messages` gets a message appended, a single
 * other key the text, several keys the fields of the answer's JSON object.
 */
export function changeByAnswer(node: LlmNodePlan, answer: ModelAnswer): AnswerChange {
  const text = answerText(answer);
  const [only, ...more] = node.outputKeys;
  if (only === undefined) return { ok: true, change: { set: {} } };
  if (more.length === 0) return { ok: true, change: assign(node, { [only]: text }) };
  const parsed = parseObject(text);
  if (parsed === null) {
    return { ok: false, message: `the answer is no JSON object; output_keys wants one with ${node.outputKeys.join(', ')}` };
  }
  const missing = node.outputKeys.filter((key) => !Object.hasOwn(parsed, key));
  if (missing.length > 0) {
    return { ok: false, message: `the answer's JSON lacks ${missing.join(', ')}; it has ${Object.keys(parsed).join(', ') || 'nothing'}` };
  }
  return { ok: true, change: assign(node, Object.fromEntries(node.outputKeys.map((key) => [key, parsed[key] ?? null]))) };
}

function assign(node: LlmNodePlan, values: JsonObject): StateChange {
  const { messages, ...set } = values;
  if (messages === undefined) return { set };
  return { set, append: [{ role: node.outputRole, content: messages }] };
}

/** The answer as a JSON object, alone or in a code fence; null if it is none. */
function parseObject(text: string): JsonObject | null {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text);
  try {
    const value: unknown = JSON.parse(fenced?.[1] ?? text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
