import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { MultiLlmNodePlan } from '../../../pipeline/plan.ts';
import { callTask } from '../call-task.ts';
import { changedState } from '../changed-state.ts';
import { applyAnswers } from '../llm/apply-answers.ts';
import type { AnsweredModel } from '../llm/asked-model.ts';
import type { Asking } from '../llm/asking.ts';
import { answerText } from '../llm/read-answer.ts';
import type { StateChange } from '../node-result.ts';
import { failedOutcome, type NodeOutcome, type NodeWork } from '../node-work.ts';

export interface LabelledAsking {
  asking: Asking;
  /** Of the models that have answered, in the order of `asking.answered`. */
  labels: string[];
}

/** What one model's answer has come to. */
interface LabelledChange {
  label: string;
  answered: AnsweredModel;
  change: StateChange;
}

/** Turns the answers of several models into one change of the state: by `multi_llm_post_process`, or by label under each output key. */
export async function combineAnswers(node: MultiLlmNodePlan, work: NodeWork, labelled: LabelledAsking[]): Promise<void> {
  const done = labelled.filter(({ asking, labels }) => asking.outcome === null && labels.length > 0);
  const changes = await changesOf(node, work, done);
  const ready = done.flatMap(({ asking }, index) => (asking.outcome === null ? [{ asking, changes: changes[index] ?? [] }] : []));
  if (node.multiPostProcess === null) {
    for (const { asking, changes: each } of ready) asking.outcome = { kind: 'changed', change: byLabel(node, each) };
    return;
  }
  const reference = node.multiPostProcess;
  const outcomes = await callTask(work, reference, ready.map(({ asking, changes: each }) => [outputsOf(node, asking, each)]));
  ready.forEach(({ asking, changes: each }, index) => {
    const outcome = outcomes[index];
    const failed = (failure: { code: string; message: string }): NodeOutcome =>
      failedOutcome(work, { ...failure, prompt: JSON.stringify(asking.messages), answer: answersText(each) });
    if (outcome === undefined) return;
    if (!outcome.ok) asking.outcome = failed(outcome);
    else if (!isJsonObject(outcome.value)) asking.outcome = failed({ code: 'FUNCTION_FAILED', message: `${reference} must return an object with the keys to change` });
    else asking.outcome = { kind: 'changed', change: withHistory(changedState(asking.record.state, outcome.value), each) };
  });
}

async function changesOf(node: MultiLlmNodePlan, work: NodeWork, done: LabelledAsking[]): Promise<LabelledChange[][]> {
  // With a post-processor its keys count; without one every key of a model's answer is read by itself.
  const applied = await applyAnswers(node, work, done.flatMap(({ asking }) => asking.answered.map((answered) => ({ asking, answered }))));
  let next = 0;
  return done.map(({ asking, labels }) =>
    asking.answered.flatMap((answered, index): LabelledChange[] => {
      const result = applied[next++];
      if (result === undefined) return [];
      if (result.ok) return [{ label: labels[index] ?? '', answered, change: result.change }];
      asking.outcome ??= { kind: 'failed', failure: { ...result.failure, message: `${labels[index] ?? ''}: ${result.failure.message}` } };
      return [];
    }),
  );
}

/** A key holds a mapping from labels to what the models have answered; a structured answer as its value. */
function byLabel(node: MultiLlmNodePlan, changes: LabelledChange[]): StateChange {
  const keys = node.postProcess === null ? node.outputKeys : [...new Set(changes.flatMap(({ change }) => Object.keys(change.set)))];
  const set: JsonObject = {};
  for (const key of keys) {
    if (key === 'messages') continue;
    set[key] = Object.fromEntries(changes.map(({ label, answered, change }): [string, JsonValue] => [label, valueOf(node, key, answered, change)]));
  }
  const append = changes.flatMap(({ label, change }) => (change.append ?? []).map((message) => (isJsonObject(message) ? { ...message, name: label } : message)));
  return withHistory({ set, ...(append.length === 0 ? {} : { append }) }, changes);
}

function valueOf(node: MultiLlmNodePlan, key: string, { structured }: AnsweredModel, change: StateChange): JsonValue {
  const isWhole = structured !== null && node.postProcess === null && node.outputKeys.length === 1;
  return isWhole ? structured : (change.set[key] ?? null);
}

/** As SyGra hands them over: what the node would have put into the state, by label. */
function outputsOf(node: MultiLlmNodePlan, asking: Asking, changes: LabelledChange[]): JsonObject {
  return Object.fromEntries(
    changes.map(({ label, answered, change }): [string, JsonObject] => {
      const own: JsonObject = Object.fromEntries(Object.keys(change.set).map((key) => [key, valueOf(node, key, answered, change)]));
      const messages = change.append === undefined ? {} : { messages: change.append };
      return [label, { ...(node.postProcess === null ? {} : asking.state), ...own, ...messages }];
    }),
  );
}

function withHistory(change: StateChange, changes: LabelledChange[]): StateChange {
  const history = changes.flatMap((each) => each.change.history ?? []);
  return history.length === 0 ? change : { ...change, history };
}

function answersText(changes: LabelledChange[]): string {
  return changes.map(({ label, answered }) => `${label}: ${answerText(answered.answer)}`).join('\n');
}
