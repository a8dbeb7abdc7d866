import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { ModelRuleName, ModelRulesPlan } from '../../pipeline/model-rules.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';
import type { ModelFinding } from '../../quality/model-rules/model-rule.ts';
import { findLocalModel } from '../local-models/fetch/find-local-model.ts';
import { withLocalModel } from '../local-models/kept-models.ts';
import { LocalModelError } from '../local-models/local-model-error.ts';
import { MODEL_FILES } from '../local-models/model-files.ts';
import type { ModelAnswer } from '../models/model-client.ts';
import { openCallJournal, type CallJournal } from '../nodes/llm/call-journal.ts';
import { answerText } from '../nodes/llm/read-answer.ts';
import type { NodeWork, WorkRecord } from '../nodes/node-work.ts';
import { PauseRun } from '../nodes/pause-run.ts';
import type { AssessedConversation } from './quality-protocol.ts';
import { scoreAtEndpoint } from './score-at-endpoint.ts';
import { scoreLocally } from './score-locally.ts';
import { noteFinding, type DueTask, type ScoredRecord } from './scored-record.ts';
import { scoreKey, scoringTasks, type ScoringTask } from './scoring-task.ts';

/** Conversations whose scores go into the journal together: some seconds of a model's work. */
const CONVERSATIONS_AT_ONCE = 32;

export interface AssessedRecord {
  record: WorkRecord;
  messages: ViewedMessage[];
  assessment: AssessedConversation;
}

/**
 * The second pass: what the models of the rules find of each record, in their order. Scores go through the journal:
 * none is reckoned or paid for twice.
 * @throws PauseRun where a model cannot be had or used
 */
export async function scoreConversations(work: NodeWork, rules: ModelRulesPlan, items: AssessedRecord[]): Promise<ScoredRecord[]> {
  const due = new Map<ModelRuleName, DueTask[]>();
  const results = items.map(({ record, messages, assessment }): ScoredRecord => {
    const scored: ScoredRecord = { findings: [], failure: null, due: 0 };
    for (const task of scoringTasks(messages, assessment, rules)) {
      if ('unscored' in task) scored.findings.push({ finding: task, model: modelName(work, rules, task.rule) });
      else {
        scored.due += 1;
        due.set(task.rule, [...(due.get(task.rule) ?? []), { record, task, scored }]);
      }
    }
    return scored;
  });
  if (due.size === 0) return results;
  const journal = await openCallJournal(work);
  try {
    for (const [rule, tasks] of due) {
      const scorer = rules[rule]?.scorer;
      if (scorer?.kind === 'endpoint') await scoreAtEndpoint({ work, journal, model: scorer.model, name: modelName(work, rules, rule) }, tasks);
      else if (scorer !== undefined) await scoreWithLocal({ work, journal, model: scorer.model, name: modelName(work, rules, rule) }, tasks);
    }
  } finally {
    await journal.close();
  }
  return results;
}

export interface Scoring {
  work: NodeWork;
  journal: CallJournal;
  /** As the plan names it. */
  model: string;
  /** For the tags. */
  name: string;
}

/** A folder goes by its name, a model of models.yaml by what it is called there. */
function modelName({ run }: NodeWork, rules: ModelRulesPlan, rule: ModelRuleName): string {
  const scorer = rules[rule]?.scorer;
  if (scorer === undefined) return '';
  if (scorer.kind === 'endpoint') return run.plan.models[scorer.model]?.modelId ?? scorer.model;
  return isAbsolute(scorer.model) || scorer.model.startsWith('.') ? basename(scorer.model) : scorer.model;
}

async function scoreWithLocal(scoring: Scoring, tasks: DueTask[]): Promise<void> {
  const { work, model: given } = scoring;
  const { environment, workingDirectory } = work.dependencies;
  const options = { environment, onProgress: (line: string) => void process.stderr.write(`${line}\n`) };
  try {
    const path = resolve(workingDirectory, given);
    const folder = await findLocalModel((await stat(path).catch(() => null)) === null ? given : path, options);
    const identity = await identityOf(folder);
    const missing: (DueTask & { key: string })[] = [];
    for (const each of tasks) {
      const key = scoreKey(each.task, identity);
      const found = await reuse(scoring, key);
      if (found === null) missing.push({ ...each, key });
      else noteFinding(each.scored, { finding: found, model: scoring.name });
    }
    if (missing.length === 0) return;
    // Texts of like length are scored together, so that little of a batch is filling.
    missing.sort((one, other) => sizeOf(one.task) - sizeOf(other.task));
    await withLocalModel(folder, options, async (model) => {
      await scoring.journal.prepare();
      for (let start = 0; start < missing.length; start += CONVERSATIONS_AT_ONCE) {
        const chunk = missing.slice(start, start + CONVERSATIONS_AT_ONCE);
        work.signal.throwIfAborted();
        work.assertHeld();
        const findings = await scoreLocally(model, chunk.map(({ task }) => task), work.signal);
        for (const [index, { key, scored }] of chunk.entries()) {
          const finding = findings[index]!;
          noteFinding(scored, { finding, model: scoring.name });
          await scoring.journal.answered(key, answerOf(finding, scoring.name));
        }
      }
    });
  } catch (error) {
    if (error instanceof LocalModelError || (error instanceof SyngraphError && !work.signal.aborted)) throw unusable(scoring, error.message);
    throw error;
  }
}

/** What a local model is, to tell its scores from those of another one that lies in the same folder. */
async function identityOf(folder: string): Promise<string> {
  const { size, mtimeMs } = await stat(join(folder, MODEL_FILES.scoring)).catch(() => ({ size: 0, mtimeMs: 0 }));
  return JSON.stringify([basename(folder), size, mtimeMs]);
}

async function reuse({ work, journal }: Scoring, key: string): Promise<ModelFinding | null> {
  const found = await journal.find(key);
  if (found === null) return null;
  if (found.run !== null) {
    work.run.live.reusedFrom(found.run);
    await journal.answered(key, found.answer, { from: found.run });
  }
  return JSON.parse(answerText(found.answer)) as ModelFinding;
}

/** A finding as the journal keeps answers. */
function answerOf(finding: ModelFinding, model: string): ModelAnswer {
  const tokens = 'tokens' in finding ? finding.tokens : 0;
  return {
    message: { role: 'assistant', content: JSON.stringify(finding) },
    finishReason: 'stop',
    refusal: null,
    usage: { promptTokens: tokens, completionTokens: 0, cachedPromptTokens: 0 },
    answeredBy: model,
  };
}

function sizeOf(task: ScoringTask): number {
  if (task.rule === 'ppl_score') return task.text.length;
  return task.rule === 'ifd_score' ? task.prompt.length + task.answer.length : task.messages.reduce((sum, { content }) => sum + content.length, 0);
}

function unusable({ work, model }: Scoring, problem: string): PauseRun {
  return new PauseRun({
    code: 'MODEL_MISCONFIGURED',
    message: `the model ${model} of a quality rule cannot be used: ${problem}`,
    nextStep: 'Mend or replace the model, or make it reachable; nothing has failed, and no score is reckoned twice.',
    node: work.name,
  });
}
