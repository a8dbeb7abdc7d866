import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { AskingNodePlanBase } from '../../../pipeline/plan.ts';
import { isMediaReference, type MediaReference } from '../../media/media-reference.ts';
import type { ModelAnswer } from '../../models/model-client.ts';
import type { StateChange } from '../node-result.ts';
import type { AnsweredModel } from './asked-model.ts';

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

export function faultMessage(fault: AnswerFault, answer: ModelAnswer): string {
  if (fault === 'ANSWER_TRUNCATED') return 'the answer was cut by max_tokens; raise it, or set on_truncation: keep or retry';
  if (fault === 'ANSWER_REFUSED') return `the model refused (${(answer.refusal ?? 'content filter').replace(/[.\s]+$/, '')}); on_empty: keep or retry would go on`;
  return 'the answer has no content; on_empty: keep or retry would go on';
}

export type AnswerChange = { ok: true; change: StateChange } | { ok: false; message: string };

/**
 * Where an answer goes when no post-processor says so: `messages` gets a message appended, a single
 * other key the text, several keys the fields of the answer's JSON object. Of a structured output
 * the keys take the typed values; a single key that is not its only field takes the JSON text, as
 * SyGra has it.
 */
export function changeByAnswer(node: Pick<AskingNodePlanBase, 'outputKeys' | 'outputRole'>, { answer, structured }: Pick<AnsweredModel, 'answer' | 'structured'>): AnswerChange {
  const text = answerText(answer);
  const [only, ...more] = node.outputKeys;
  const calls = answer.message.tool_calls ?? [];
  if (only === undefined) return { ok: true, change: { set: {} } };
  const media = mediaOfAnswer(answer);
  // A conversation goes on with all that was said.
  if (only === 'messages' && more.length === 0 && media.length > 0) return { ok: true, change: assign(node, { messages: answer.message.content }, calls) };
  if (more.length === 0 && media.length > 0) return { ok: true, change: assign(node, { [only]: media.length === 1 ? (media[0] ?? null) : media }, calls) };
  if (more.length === 0) {
    const isOnlyField = structured !== null && Object.keys(structured).length === 1 && Object.hasOwn(structured, only);
    return { ok: true, change: assign(node, { [only]: isOnlyField ? (structured[only] ?? null) : text }, calls) };
  }
  // A turn of tool calls has no fields yet.
  if (calls.length > 0 && text.trim() === '') return { ok: true, change: assign(node, Object.fromEntries(node.outputKeys.map((key) => [key, null])), calls) };
  const parsed = structured ?? parseObject(text);
  if (parsed === null) {
    return { ok: false, message: `the answer is no JSON object; output_keys wants one with ${node.outputKeys.join(', ')}` };
  }
  // A structured output that fits may leave out what its schema does not require.
  const missing = structured === null ? node.outputKeys.filter((key) => !Object.hasOwn(parsed, key)) : [];
  if (missing.length > 0) {
    return { ok: false, message: `the answer's JSON lacks ${missing.join(', ')}; it has ${Object.keys(parsed).join(', ') || 'nothing'}` };
  }
  return { ok: true, change: assign(node, Object.fromEntries(node.outputKeys.map((key) => [key, parsed[key] ?? null])), calls) };
}

function assign(node: Pick<AskingNodePlanBase, 'outputRole'>, values: JsonObject, calls: JsonValue[]): StateChange {
  const { messages, ...set } = values;
  if (messages === undefined) return { set };
  return { set, append: [{ role: node.outputRole, content: messages, ...(calls.length === 0 ? {} : { tool_calls: calls }) }] };
}

/** Images and sounds of an answer; what it says beside them is not kept. */
function mediaOfAnswer({ message: { content } }: ModelAnswer): MediaReference[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => (isJsonObject(part) && isMediaReference(part['media']) ? [part['media']] : []));
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
