import type { MultiLlmNodePlan } from '../../pipeline/plan.ts';
import { askAll, type AskingSignals } from './llm/ask-all.ts';
import { askModel } from './llm/ask-model.ts';
import type { Asking } from './llm/asking.ts';
import { openCallJournal, type CallJournal } from './llm/call-journal.ts';
import { ModelDown } from './llm/call-with-patience.ts';
import { fallbacksOf, modelOf } from './llm/model-of.ts';
import { prepareAskings } from './llm/prepare-askings.ts';
import { combineAnswers } from './multi-llm/combine-answers.ts';
import type { RecordFailure } from './node-result.ts';
import { failedOutcome, type NodeOutcome, type NodeWork } from './node-work.ts';
import { PauseRun } from './pause-run.ts';
import { seededRandom } from './seeded-random.ts';

/** Asks several models the same for every record, at once; or one of them, where records are balanced among them. */
export async function runMultiLlm(node: MultiLlmNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  for (const asked of node.models) {
    modelOf(work, asked.model);
    fallbacksOf(work, asked);
  }
  const askings = await prepareAskings(node, work);
  const labels = new Map<Asking, string[]>();
  const journal = await openCallJournal(work);
  try {
    await askAll(work, askings, async (asking, signals) => {
      labels.set(asking, await askModels({ node, work, journal, asking, signals }));
    });
  } finally {
    await journal.close();
  }
  await combineAnswers(node, work, askings.map((asking) => ({ asking, labels: labels.get(asking) ?? [] })));
  return askings.map((asking) => asking.outcome ?? { kind: 'unfinished' });
}

interface AskModels {
  node: MultiLlmNodePlan;
  work: NodeWork;
  journal: CallJournal;
  asking: Asking;
  signals: AskingSignals;
}

/** The labels that have answered, in the order of `asking.answered`. */
async function askModels({ node, work, journal, asking, signals }: AskModels): Promise<string[]> {
  const { messages, record } = asking;
  if (messages === null) return [];
  const asked = node.mode === 'balance' ? [chosen(node, asking)] : node.models;
  const results = await Promise.all(
    asked.map(async (model) => {
      const request = { messages, parameters: model.parameters };
      try {
        return await askModel({ ...signals, model: modelOf(work, model.model), asked: model, policies: node, journal, record, request, label: model.label });
      } catch (error) {
        // What stops one model for all records need not stop the run where others are enough.
        const canBeSpared = node.require < asked.length && !signals.work.signal.aborted;
        if (canBeSpared && (error instanceof ModelDown || error instanceof PauseRun)) return { stopped: error };
        throw error;
      }
    }),
  );
  const labels: string[] = [];
  for (const [index, result] of results.entries()) {
    if (!('answer' in result)) continue;
    asking.answered.push(result);
    labels.push(asked[index]?.label ?? '');
  }
  if (labels.length >= node.require) return labels;
  for (const result of results) if ('stopped' in result) throw result.stopped;
  const failures = results.flatMap((result, index) => ('failure' in result ? [{ label: asked[index]?.label ?? '', failure: result.failure }] : []));
  asking.outcome = tooFew(work, failures, asked.length === 1 ? null : `${labels.length} of ${asked.length} models answered, ${node.require} are required`);
  return labels;
}

/** By the record alone: the same record goes to the same model in every run. */
function chosen(node: MultiLlmNodePlan, asking: Asking): MultiLlmNodePlan['models'][number] {
  const index = Math.floor(seededRandom([asking.record.source.id, node.name]) * node.models.length);
  const model = node.models[index];
  if (model === undefined) throw new RangeError(`${node.name} has no model`);
  return model;
}

/** The first failure, with what all have failed of; `counts` leads where several were asked. */
function tooFew(work: NodeWork, failures: { label: string; failure: RecordFailure }[], counts: string | null): NodeOutcome {
  const [first] = failures;
  const said = failures.map(({ label, failure }) => `${label}: ${failure.message}`);
  return failedOutcome(work, { ...first?.failure, code: first?.failure.code ?? 'MODEL_REJECTED', message: [...(counts === null ? [] : [counts]), ...said].join('; ') });
}
