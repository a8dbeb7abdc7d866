import type { ModelFinding } from '../../quality/model-rules/model-rule.ts';
import { classProbability } from '../../quality/model-rules/class-probability.ts';
import { LocalModelError } from '../local-models/local-model-error.ts';
import type { LocalModel } from '../local-models/local-model.ts';
import type { TextScore } from '../local-models/run/model-protocol.ts';
import type { ScoringTask } from './scoring-task.ts';

type TaskOf<Rule extends ScoringTask['rule']> = Extract<ScoringTask, { rule: Rule }>;

/** Tasks of one rule, whose settings are all the same. In the order of the tasks. @throws LocalModelError */
export async function scoreLocally(model: LocalModel, tasks: ScoringTask[], signal: AbortSignal): Promise<ModelFinding[]> {
  const [first] = tasks;
  switch (first?.rule) {
    case undefined:
      return [];
    case 'ppl_score': {
      const { maxTokens, window, overlap } = first.settings;
      const texts = (tasks as TaskOf<'ppl_score'>[]).map(({ text }) => ({ text }));
      return (await model.score({ texts, maximumTokens: maxTokens, window, overlap }, signal)).map(perplexityFound);
    }
    case 'ifd_score': {
      const texts = (tasks as TaskOf<'ifd_score'>[]).flatMap(({ prompt, answer }) => [{ text: answer, after: prompt }, { text: answer, after: '' }]);
      const scores = await model.score({ texts, maximumTokens: first.settings.maxTokens }, signal);
      return tasks.map((_, index) => difficultyFound(scores[2 * index], scores[2 * index + 1]));
    }
    case 'reward_score': {
      const conversations = (tasks as TaskOf<'reward_score'>[]).map(({ messages }) => messages);
      const classes = await model.classify({ conversations, maximumTokens: first.settings.maxTokens }, signal);
      return classes.map((found) => ('problem' in found ? { rule: 'reward_score', unscored: found.problem } : rewardFound(found, first.settings.label)));
    }
  }
}

export function perplexityFound({ perplexity, tokens }: TextScore): ModelFinding {
  return perplexity === null ? { rule: 'ppl_score', unscored: 'it has no token to score' } : { rule: 'ppl_score', perplexity, tokens };
}

export function difficultyFound(after: TextScore | undefined, alone: TextScore | undefined): ModelFinding {
  if (after?.perplexity == null || alone?.perplexity == null) return { rule: 'ifd_score', unscored: 'its answer has no token to score' };
  return { rule: 'ifd_score', after: after.perplexity, alone: alone.perplexity, tokens: after.tokens };
}

function rewardFound({ logits, labels }: { logits: number[]; labels: string[] }, label: string | null): ModelFinding {
  try {
    return { rule: 'reward_score', ...classProbability(logits, labels, label) };
  } catch (error) {
    if (error instanceof RangeError) throw new LocalModelError(error.message);
    throw error;
  }
}
