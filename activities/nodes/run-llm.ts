import type { JsonValue } from '../../pipeline/json.ts';
import type { LlmNodePlan, ModelPlan } from '../../pipeline/plan.ts';
import type { ModelAnswer, ModelRequest, ToolDefinition } from '../models/model-client.ts';
import { applyAnswers } from './llm/apply-answers.ts';
import { askAll, type AskingSignals } from './llm/ask-all.ts';
import { askModel } from './llm/ask-model.ts';
import type { AskModel, AskModelResult } from './llm/asked-model.ts';
import type { Asking } from './llm/asking.ts';
import { openCallJournal, type CallJournal } from './llm/call-journal.ts';
import { fallbacksOf, modelOf } from './llm/model-of.ts';
import { prefetchSamples } from './llm/prefetch-samples.ts';
import { prepareAskings } from './llm/prepare-askings.ts';
import { changeByAnswer } from './llm/read-answer.ts';
import type { StateChange } from './node-result.ts';
import type { NodeOutcome, NodeWork } from './node-work.ts';
import { assertTakesTools } from './tools/assert-takes-tools.ts';
import { toolDefinitions } from './tools/tool-definitions.ts';

/** Prompts a model for every record: pre-process, render, ask through the journal, post-process. */
export async function runLlm(node: LlmNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const model = modelOf(work, node.model);
  await assertTakesTools(work, [model, ...fallbacksOf(work, node)], node.tools);
  const askings = await prepareAskings(node, work);
  const tools = (await toolDefinitions(work, node)).map(({ definition }) => definition);
  const journal = await openCallJournal(work);
  try {
    await askAll(work, askings, (asking, signals) => askSamples({ node, model, tools, journal, asking, signals }));
  } finally {
    await journal.close();
  }
  await outcomesByAnswers(node, work, askings);
  return askings.map((asking) => asking.outcome ?? { kind: 'unfinished' });
}

interface AskSamples {
  node: LlmNodePlan;
  model: ModelPlan;
  tools: ToolDefinition[];
  journal: CallJournal;
  asking: Asking;
  signals: AskingSignals;
}

async function askSamples({ node, model, tools, journal, asking, signals }: AskSamples): Promise<void> {
  if (asking.messages === null) return;
  const request: ModelRequest = { messages: asking.messages, parameters: node.parameters };
  if (tools.length > 0) request.tools = tools;
  if (tools.length > 0 && node.toolChoice !== null) request.toolChoice = node.toolChoice;
  const isUsable: AskModel['isUsable'] = (answered) => node.postProcess !== null || changeByAnswer(node, answered).ok;
  const ask: AskModel = { ...signals, model, asked: node, policies: node, journal, record: asking.record, request, isUsable };
  const { count } = node.samples;
  if (count === 1) return noteResult(asking, await askModel(ask));
  // Where one model may answer for another, each sample is asked for alone.
  const prefetched = node.fallbacks === undefined ? await prefetchSamples(ask, count) : new Map<string, ModelAnswer>();
  const results = await Promise.all(Array.from({ length: count }, (_, sample) => askModel({ ...ask, sample, prefetched })));
  for (const result of results) noteResult(asking, result);
}

function noteResult(asking: Asking, result: AskModelResult): void {
  if ('failure' in result) asking.outcome ??= { kind: 'failed', failure: result.failure };
  else asking.answered.push(result);
}

async function outcomesByAnswers(node: LlmNodePlan, work: NodeWork, askings: Asking[]): Promise<void> {
  const done = askings.filter((asking) => asking.outcome === null && asking.answered.length > 0);
  const offersTools = node.tools.length > 0;
  const entries = done.flatMap((asking) => asking.answered.map((answered) => ({ asking, answered, offersTools })));
  const applied = await applyAnswers(node, work, entries);
  let next = 0;
  for (const asking of done) {
    const changes: StateChange[] = [];
    for (const { answer } of asking.answered) {
      const result = applied[next++];
      if (result === undefined) continue;
      if (!result.ok) asking.outcome ??= { kind: 'failed', failure: result.failure };
      else changes.push(withReasoning(node, result.change, answer.reasoning ?? null));
    }
    if (asking.outcome === null) asking.outcome = outcomeOf(node, changes);
  }
}

function withReasoning(node: LlmNodePlan, change: StateChange, reasoning: string | null): StateChange {
  return node.reasoningKey === null ? change : { ...change, set: { ...change.set, [node.reasoningKey]: reasoning } };
}

function outcomeOf(node: LlmNodePlan, changes: StateChange[]): NodeOutcome {
  const [first] = changes;
  if (node.samples.count === 1 && first !== undefined) return { kind: 'changed', change: first };
  return node.samples.as === 'rows' ? { kind: 'split', children: changes } : { kind: 'changed', change: listed(changes) };
}

/** Each key that any sample sets holds the list of what the samples have set. */
function listed(changes: StateChange[]): StateChange {
  const keys = new Set(changes.flatMap((change) => Object.keys(change.set)));
  const set = Object.fromEntries([...keys].map((key): [string, JsonValue] => [key, changes.map((change) => change.set[key] ?? null)]));
  const append = changes.flatMap((change) => change.append ?? []);
  const history = changes.flatMap((change) => change.history ?? []);
  return { set, ...(append.length === 0 ? {} : { append }), ...(history.length === 0 ? {} : { history }) };
}
