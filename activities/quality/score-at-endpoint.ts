import { callKey, requestHash } from '../journal/call-key.ts';
import type { ModelRequest } from '../models/model-client.ts';
import type { ModelFinding } from '../../quality/model-rules/model-rule.ts';
import { classIndex } from '../../quality/model-rules/class-probability.ts';
import { askAll, type AskingSignals } from '../nodes/llm/ask-all.ts';
import { RecordRejected } from '../nodes/llm/call-with-patience.ts';
import { fetchAnswer } from '../nodes/llm/fetch-answer.ts';
import { modelOf } from '../nodes/llm/model-of.ts';
import { answerText } from '../nodes/llm/read-answer.ts';
import { noteFinding, type DueTask } from './scored-record.ts';
import type { Scoring } from './score-conversations.ts';
import { difficultyFound, perplexityFound } from './score-locally.ts';
import type { ScoringTask } from './scoring-task.ts';

/** Nobody here has the endpoint's tokenizer: texts are cut where no tokenizer would make more of them than are wanted. */
const CHARACTERS_PER_TOKEN = 4;

/** What an endpoint's client answers to a request with `scoring`. */
export type EndpointScore = { kind: 'classes'; scores: number[]; labels: string[] } | { kind: 'surprise'; tokens: number; nll: number };

/** One call for each conversation, two for its IFD: through the gateway and the journal, as calls of llm nodes. */
export async function scoreAtEndpoint(scoring: Scoring, tasks: DueTask[]): Promise<void> {
  await askAll(scoring.work, tasks, async ({ record, task, scored }, signals) => {
    try {
      const ask = (request: ModelRequest): Promise<EndpointScore> => askEndpoint(scoring, { recordId: record.source.id, visit: record.visit, request, signals });
      noteFinding(scored, { finding: await findingOf(task, ask), model: scoring.name });
    } catch (error) {
      if (!(error instanceof RecordRejected)) throw error;
      const { code, message, attempts } = error;
      // The endpoint takes other conversations but not this one: too long, most often.
      if (code === 'MODEL_REJECTED') noteFinding(scored, { finding: { rule: task.rule, unscored: message }, model: scoring.name });
      else scored.failure = { code, message, attempts };
    }
  });
}

async function findingOf(task: ScoringTask, ask: (request: ModelRequest) => Promise<EndpointScore>): Promise<ModelFinding> {
  switch (task.rule) {
    case 'ppl_score':
      return perplexityFound(surpriseOf(await ask(surpriseRequest(task.text.slice(0, task.settings.maxTokens * CHARACTERS_PER_TOKEN), null))));
    case 'ifd_score': {
      const characters = task.settings.maxTokens * CHARACTERS_PER_TOKEN;
      const answer = task.answer.slice(0, characters);
      const alone = surpriseOf(await ask(surpriseRequest(answer, null)));
      if (alone.tokens === 0) return difficultyFound(alone, alone);
      return difficultyFound(surpriseOf(await ask(surpriseRequest(task.prompt.slice(-characters) + answer, alone.tokens))), alone);
    }
    case 'reward_score':
      return rewardFound(await ask({ messages: task.messages as ModelRequest['messages'], parameters: {}, scoring: { kind: 'classes', maximumTokens: task.settings.maxTokens } }), task.settings.label);
  }
}

/** `last`: only so many tokens at the end count; null: all. */
function surpriseRequest(text: string, last: number | null): ModelRequest {
  return { messages: [{ role: 'user', content: text }], parameters: {}, scoring: { kind: 'surprise', last } };
}

function surpriseOf(score: EndpointScore): { tokens: number; nll: number; perplexity: number | null } {
  if (score.kind !== 'surprise') throw new Error('the endpoint was asked for something else');
  const { tokens, nll } = score;
  return { tokens, nll, perplexity: tokens === 0 ? null : Math.exp(nll / tokens) };
}

function rewardFound(score: EndpointScore, label: string | null): ModelFinding {
  if (score.kind !== 'classes') throw new Error('the endpoint was asked for something else');
  const { scores, labels } = score;
  const [only] = scores;
  if (scores.length === 1 && only !== undefined) return { rule: 'reward_score', score: only, label: null };
  try {
    const index = classIndex(scores.length, labels, label);
    return { rule: 'reward_score', score: scores[index] ?? 0, label: labels[index] ?? String(index) };
  } catch (error) {
    if (error instanceof RangeError) return { rule: 'reward_score', unscored: error.message };
    throw error;
  }
}

interface EndpointAsking {
  recordId: string;
  visit: number | string;
  request: ModelRequest;
  signals: AskingSignals;
}

async function askEndpoint({ journal, model: modelKey }: Scoring, { recordId, visit, request, signals }: EndpointAsking): Promise<EndpointScore> {
  const { work, flightSignal } = signals;
  const model = modelOf(work, modelKey);
  const simulated = work.dependencies.gateway.isSimulated(model);
  const place = { seed: work.run.description.seed, recordId, node: work.name, visit, sample: 0, repair: 0, step: 0, label: null };
  const key = callKey(place, requestHash({ model, request, simulated }));
  const { answer } = await fetchAnswer({ work, model, journal, flightSignal }, { request, key, isUsable: async () => true });
  return JSON.parse(answerText(answer)) as EndpointScore;
}
